package blackhole.keepalive;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * The TCP socket options that decide how long an expired flow goes unnoticed, as requested or as read back from the
 * kernel.
 *
 * @param keepAlive {@code SO_KEEPALIVE}; the three timers below only matter if it is on
 * @param keepAliveIdle {@code TCP_KEEPIDLE}: idle time before the first keepalive probe; 1 to 32767 whole seconds, the
 *     kernel's own range (include/net/tcp.h, MAX_TCP_KEEPIDLE)
 * @param keepAliveInterval {@code TCP_KEEPINTVL}: time between keepalive probes; 1 to 32767 whole seconds
 * @param keepAliveCount {@code TCP_KEEPCNT}: unanswered keepalive probes that end the connection; 1 to 127
 * @param userTimeout {@code TCP_USER_TIMEOUT}: how long sent data may stay unacknowledged before the kernel ends the
 *     connection; whole milliseconds, at least 1; null means off, which the kernel writes as 0
 */
public record SocketOptions(
        boolean keepAlive,
        Duration keepAliveIdle,
        Duration keepAliveInterval,
        int keepAliveCount,
        @Nullable Duration userTimeout) {

    private static final long MAX_SECONDS = 32_767;
    private static final int MAX_COUNT = 127;

    /** Keepalive off and no user timeout. */
    public static final SocketOptions OFF =
            new SocketOptions(false, Duration.ofSeconds(7200), Duration.ofSeconds(75), 9, null);

    /**
     * @throws IllegalArgumentException if a value is outside the kernel's range; the message names the command line
     *     option and the allowed values
     */
    public SocketOptions {
        requireSeconds("keepalive-idle", keepAliveIdle);
        requireSeconds("keepalive-interval", keepAliveInterval);
        if (keepAliveCount < 1 || keepAliveCount > MAX_COUNT) {
            throw new IllegalArgumentException(
                    "keepalive-count must be from 1 to " + MAX_COUNT + ", not " + keepAliveCount);
        }
        if (userTimeout != null) {
            requireMillis(userTimeout);
        }
    }

    /** Returns options with keepalive on, the given timers and no user timeout. */
    public static SocketOptions keepAlive(Duration idle, Duration interval, int count) {
        return new SocketOptions(true, idle, interval, count, null);
    }

    /** Returns the same options with {@code TCP_USER_TIMEOUT} set. */
    public SocketOptions withUserTimeout(Duration timeout) {
        return new SocketOptions(keepAlive, keepAliveIdle, keepAliveInterval, keepAliveCount, timeout);
    }

    /** As a log shows it: {@code keepalive=on idle=37s interval=9s count=3 user-timeout=20s}. */
    @Override
    public String toString() {
        String timers = " idle=" + Times.exact(keepAliveIdle) + " interval=" + Times.exact(keepAliveInterval)
                + " count=" + keepAliveCount;
        return "keepalive=" + (keepAlive ? "on" + timers : "off") + " user-timeout="
                + (userTimeout == null ? "off" : Times.exact(userTimeout));
    }

    private static void requireSeconds(String name, Duration value) {
        if (value.getNano() != 0 || value.getSeconds() < 1 || value.getSeconds() > MAX_SECONDS) {
            throw new IllegalArgumentException(
                    name + " must be whole seconds from 1s to " + MAX_SECONDS + "s, not " + Times.exact(value));
        }
    }

    private static void requireMillis(Duration value) {
        if (!value.equals(value.truncatedTo(ChronoUnit.MILLIS))
                || value.isNegative()
                || value.isZero()
                || value.compareTo(Duration.ofMillis(Integer.MAX_VALUE)) > 0) {
            throw new IllegalArgumentException("user-timeout must be whole milliseconds from 1ms to "
                    + Integer.MAX_VALUE + "ms, not " + Times.exact(value));
        }
    }
}
