package blackhole.client.evidence;

import java.time.Duration;

/**
 * Something that happened to a socket.
 *
 * @param at since the run began; for what was seen by sampling, up to a twentieth of a second after it happened
 * @param socket which, as in {@link SocketRow#id}
 * @param kind what
 * @param text the rest in words
 */
public record RunEvent(Duration at, int socket, Kind kind, String text) {

    /** What can happen to a socket. */
    public enum Kind {
        /** The client began to connect. */
        OPENED,
        CONNECTED,
        /** The client let go of it; the text says who had ended the connection. */
        CLOSED,
        /** The kernel's timer became another one. */
        TIMER,
        RETRANSMISSION,
        /** The kernel asked whether the peer is there; by the segments that were sent without data. */
        KEEPALIVE_PROBE,
        /** Data that had been waiting for more than a second was acknowledged. */
        ACKNOWLEDGED,
        /** From the proxy's own event stream: its flow was opened, expired, closed. */
        PROXY
    }
}
