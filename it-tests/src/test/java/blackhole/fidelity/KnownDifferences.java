package blackhole.fidelity;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The one list of where the proxy differs from a real NAT; docs/limits.md shows it to the reader. */
final class KnownDifferences {
    static final List<KnownDifference> ALL = List.of(
            new KnownDifference(
                    "A server that refuses or does not answer",
                    "the client's SYN meets what the server does: RST, or silence",
                    "the client is connected at once, and reset when the server has refused or `--connect-timeout` is"
                            + " over",
                    "the proxy's kernel accepts before the proxy can ask the server",
                    """
                    live: server refuses | then, client sends | SYN | SYN / ack
                    live: server refuses | then, client receives | RST | SYN-ACK / RST
                    live: server refuses | then, client reports | failed: Connection refused | connected / failed: Connection reset
                    live: server is unreachable | then, client sends | SYN, repeated | SYN / ack
                    live: server is unreachable | then, client receives | nothing | SYN-ACK
                    live: server is unreachable | then, client reports | nothing | connected
                    """),
            new KnownDifference(
                    "Urgent data",
                    "is urgent data for the receiver",
                    "arrives in its place in the stream, as ordinary data",
                    "Netty can't send urgent data; some firewalls also clear the urgent flag (RFC 6093, section 3.4)",
                    """
                    live: client sends urgent data | then, server reports | nothing | received 1
                    """),
            new KnownDifference(
                    "Keepalive probes of a live flow",
                    "reach the other host, which answers; they keep the flow",
                    "the proxy answers, and the other host sees none; they keep the flow all the same",
                    "each leg is a TCP connection of its own, and a keepalive probe has no data to relay",
                    """
                    live: client's keepalive | idle, server sends | answer, repeated | nothing
                    live: client's keepalive | idle, server receives | probe, repeated with even gaps | nothing
                    live: server's keepalive | idle, client sends | answer, repeated | nothing
                    live: server's keepalive | idle, client receives | probe, repeated with even gaps | nothing
                    """),
            new KnownDifference(
                    "Keepalive towards a server that died on a live flow",
                    "the keepalive probes fail, and the client gets ETIMEDOUT",
                    "the proxy goes on answering, and the client notices nothing; only an expired flow makes keepalive"
                            + " probes fail",
                    "as above: a keepalive probe asks the next TCP, and that is the proxy's",
                    """
                    live: client's keepalive, server dead | then, client sends | probe, repeated with even gaps / RST | probe, repeated with even gaps
                    live: client's keepalive, server dead | then, client receives | nothing | answer, repeated
                    live: client's keepalive, server dead | then, client reports | failed: Connection timed out | nothing
                    live: client's keepalive, server dead | then, server receives | probe, repeated with even gaps / RST | nothing
                    """),
            new KnownDifference(
                    "Data that a live flow's other host does not acknowledge",
                    "the sender retransmits; its `TCP_USER_TIMEOUT` runs",
                    "the proxy has acknowledged it, and retransmits it itself; the sender's `TCP_USER_TIMEOUT` does not run",
                    "data is acknowledged by the TCP that gets it, and that is the proxy's",
                    """
                    expired with the client's data in flight | in flight, client sends | data 11, repeated with doubling gaps | data 11
                    expired with the client's data in flight | in flight, client receives | nothing | ack
                    expired with the client's data in flight | then, client sends | data 11 again | nothing
                    expired with the server's data in flight | in flight, server sends | data 21, repeated with doubling gaps | data 21
                    expired with the server's data in flight | in flight, server receives | nothing | ack
                    expired with the server's data in flight | then, server sends | data 21 again | nothing
                    """),
            new KnownDifference(
                    "Data that was not acknowledged when the flow expired",
                    "never arrives",
                    "may still arrive: the proxy goes on retransmitting it, and discards the acknowledgements",
                    "a socket can be made blackholed without privileges, but not mute: what its kernel has taken, it sends",
                    """
                    expired with the client's data in flight | then, server sends | nothing | ack
                    expired with the client's data in flight | then, server receives | nothing | data 11 again
                    expired with the client's data in flight | then, server reports | nothing | received 11
                    expired with the server's data in flight | then, client sends | nothing | ack
                    expired with the server's data in flight | then, client receives | nothing | data 21 again
                    expired with the server's data in flight | then, client reports | nothing | received 21
                    """),
            new KnownDifference(
                    "A host that had stopped reading when the flow expired",
                    "hears nothing more",
                    "hears zero-window probes, for what the proxy still holds for it; its answers are discarded",
                    "as above: blackholed, but not mute",
                    """
                    expired when the server had stopped reading | then, server sends | ack | ack / answer
                    expired when the server had stopped reading | then, server receives | nothing | probe
                    """),
            new KnownDifference(
                    "A flow that one side has finished (half-closed)",
                    "Linux and most boxes have another, often shorter timeout for it (1 s in this test)",
                    "the idle timeout, as for any other flow (3 s in this test)",
                    "there is one timeout to set; past that one nothing differs",
                    """
                    live: half-closed by the client, idle for a shorter time | then, client sends | nothing | ack
                    live: half-closed by the client, idle for a shorter time | then, client receives | nothing | data 21
                    live: half-closed by the client, idle for a shorter time | then, client reports | nothing | received 21
                    live: half-closed by the client, idle for a shorter time | then, server sends | data 21, repeated with doubling gaps | data 21
                    live: half-closed by the client, idle for a shorter time | then, server receives | nothing | ack
                    """),
            new KnownDifference(
                    "A new connection from the port that the expired one had",
                    "is a new flow; the server resets its old connection and accepts",
                    "gets no answer until the tombstone ends (`--tombstone-time`); from any other port it works at once",
                    "the expired flow's socket still holds the pair of ports, and discards the SYN like everything else",
                    """
                    expired: client reconnects from the same port | then, client sends | RST / 2: SYN / 2: RST / 2: SYN again / 2: ack | RST / 2: SYN, repeated
                    expired: client reconnects from the same port | then, client receives | 2: ack / 2: SYN-ACK | nothing
                    expired: client reconnects from the same port | then, client reports | 2: connected | nothing
                    expired: client reconnects from the same port | then, server sends | 2: ack / 2: SYN-ACK | nothing
                    expired: client reconnects from the same port | then, server receives | 2: SYN / 2: RST / 2: SYN again / 2: ack | nothing
                    expired: client reconnects from the same port | then, server reports | failed: Connection reset / 2: accepted | nothing
                    """));

    private KnownDifferences() {}

    /** By what all of them show. */
    static Set<String> lines() {
        return ALL.stream().flatMap(difference -> difference.lines().stream()).collect(Collectors.toSet());
    }

    /** By what they show in a case. */
    static Set<String> linesOf(Case played) {
        return lines().stream().filter(played::isOf).collect(Collectors.toSet());
    }
}
