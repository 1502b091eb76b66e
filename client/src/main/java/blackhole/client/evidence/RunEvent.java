package blackhole.client.evidence;

import java.time.Duration;

/**
 * Something that happened to a socket.
 *
 * @param at since the run began; sampled events are up to a twentieth of a second late
 * @param socket its id, as in {@link SocketRow#id}
 * @param kind of event
 * @param text details
 */
public record RunEvent(Duration at, int socket, Kind kind, String text) {

    /** What can happen to a socket. */
    public enum Kind {
        /** The client started to connect. */
        OPENED,
        CONNECTED,
        /** The client closed it; the text says who ended the connection. */
        CLOSED,
        /** The kernel's timer changed. */
        TIMER,
        RETRANSMISSION,
        /** Inferred from segments sent without data. */
        KEEPALIVE_PROBE,
        /** Data was acknowledged after more than a second. */
        ACKNOWLEDGED,
        /** From the proxy's event stream: its flow was opened, expired or closed. */
        PROXY
    }
}
