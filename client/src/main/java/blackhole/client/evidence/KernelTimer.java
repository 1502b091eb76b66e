package blackhole.client.evidence;

import java.time.Duration;
import java.util.Locale;

/**
 * The timer of a socket as the kernel has it, to the hundredth of a second of /proc/net/tcp.
 *
 * @param kind what will happen when it is over
 * @param remaining until then; zero without a timer
 * @param count retransmissions so far for {@link Kind#ON}, unanswered probes so far for {@link Kind#KEEPALIVE} and
 *     {@link Kind#PERSIST}
 */
public record KernelTimer(Kind kind, Duration remaining, int count) {

    /** No timer runs. */
    public static final KernelTimer NONE = new KernelTimer(Kind.NONE, Duration.ZERO, 0);

    /** In the order of /proc/net/tcp's field {@code tr}; net/ipv4/tcp_ipv4.c, get_tcp4_sock. */
    public enum Kind {
        NONE,
        /** Retransmission, or a tail loss probe. */
        ON,
        KEEPALIVE,
        TIMEWAIT,
        PERSIST
    }

    /** As {@code ss -o} has it: {@code keepalive,36s,0}, {@code on,1.2s,3}, or {@code none}. */
    @Override
    public String toString() {
        if (kind == Kind.NONE) {
            return "none";
        }
        return kind.name().toLowerCase(Locale.ROOT) + "," + Times.text(remaining) + "," + count;
    }
}
