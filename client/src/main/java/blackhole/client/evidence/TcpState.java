package blackhole.client.evidence;

/** TCP states of include/net/tcp_states.h, with the names that {@code ss} prints. */
final class TcpState {

    static final String ESTABLISHED = "ESTAB";

    private static final String[] NAMES = {
        "?",
        ESTABLISHED,
        "SYN-SENT",
        "SYN-RECV",
        "FIN-WAIT-1",
        "FIN-WAIT-2",
        "TIME-WAIT",
        "UNCONN",
        "CLOSE-WAIT",
        "LAST-ACK",
        "LISTEN",
        "CLOSING"
    };

    private TcpState() {}

    static String name(int state) {
        return state > 0 && state < NAMES.length ? NAMES[state] : "state " + state;
    }
}
