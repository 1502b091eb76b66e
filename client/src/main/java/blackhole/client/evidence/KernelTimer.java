package blackhole.client.evidence;

import blackhole.keepalive.Times;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Locale;

/**
 * A socket's timer, with the resolution of /proc/net/tcp: a hundredth of a second.
 *
 * @param kind what happens when it expires
 * @param remaining time left; zero without a timer
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

    /**
     * Reads the timer of a socket of this machine.
     *
     * @return {@link #NONE} if there is no such socket either
     * @throws IOException if there is no {@code /proc/net/tcp}, as on any system but Linux
     */
    public static KernelTimer read(InetSocketAddress local, InetSocketAddress remote) throws IOException {
        return ProcNetTcp.read().find(local, remote).map(ProcNetTcp.Line::timer).orElse(NONE);
    }

    /** Returns the text of {@code ss -o}: {@code keepalive,36s,0}, {@code on,1.2s,3}, or {@code none}. */
    @Override
    @JsonProperty("text")
    public String toString() {
        if (kind == Kind.NONE) {
            return "none";
        }
        return kind.name().toLowerCase(Locale.ROOT) + "," + Times.text(remaining) + "," + count;
    }
}
