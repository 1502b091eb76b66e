package blackhole.client.evidence;

import blackhole.keepalive.SocketEnd;

/** Who closed a connection, in words. */
public final class CloseText {

    private CloseText() {}

    /** Returns text such as {@code by the peer (FIN)}. */
    public static String endedBy(SocketEnd end) {
        return switch (end) {
            case KERNEL -> "by the kernel (timed out or reset)";
            case PEER -> "by the peer (FIN)";
            case CLIENT -> "by the producer";
        };
    }
}
