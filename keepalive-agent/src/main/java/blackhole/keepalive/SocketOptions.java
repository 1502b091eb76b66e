package blackhole.keepalive;

import java.time.Duration;
import java.util.Optional;

/**
 * The options of one TCP socket that decide how long an expired flow goes unnoticed; both what a user asks for and what
 * was read back from the kernel.
 *
 * @param keepAlive {@code SO_KEEPALIVE}; the three timers below only mean something when it is on
 * @param keepAliveIdle {@code TCP_KEEPIDLE}: quiet time before the first keepalive probe; 1 to 32767 whole seconds, the
 *     kernel's own range (include/net/tcp.h, MAX_TCP_KEEPIDLE)
 * @param keepAliveInterval {@code TCP_KEEPINTVL}: time between keepalive probes; 1 to 32767 whole seconds
 * @param keepAliveCount {@code TCP_KEEPCNT}: unanswered keepalive probes that end the connection; 1 to 127
 * @param userTimeout {@code TCP_USER_TIMEOUT}: how long sent data may stay unacknowledged before the kernel ends the
 *     connection; whole milliseconds, at least 1; empty means off, which the kernel writes as 0
 */
public record SocketOptions(
        boolean keepAlive,
        Duration keepAliveIdle,
        Duration keepAliveInterval,
        int keepAliveCount,
        Optional<Duration> userTimeout) {

    private static final long MAX_SECONDS = 32_767;
    private static final int MAX_COUNT = 127;

    /** Keepalive off and no user timeout: the socket of an application that relies on the system's defaults. */
    public static final SocketOptions OFF =
            new SocketOptions(false, Duration.ofSeconds(7200), Duration.ofSeconds(75), 9, Optional.empty());

    /**
     * @throws IllegalArgumentException if a value is outside the kernel's range; the message names the command line's
     *     option and says what is allowed
     */
    public SocketOptions {
        requireSeconds("keepalive-idle", keepAliveIdle);
        requireSeconds("keepalive-interval", keepAliveInterval);
        if (keepAliveCount < 1 || keepAliveCount > MAX_COUNT) {
            throw new IllegalArgumentException(
                    "keepalive-count must be from 1 to " + MAX_COUNT + ", not " + keepAliveCount);
        }
        userTimeout.ifPresent(SocketOptions::requireMillis);
    }

    /** Keepalive on with the given timers, and no user timeout. */
    public static SocketOptions keepAlive(Duration idle, Duration interval, int count) {
        return new SocketOptions(true, idle, interval, count, Optional.empty());
    }

    /** The same options with {@code TCP_USER_TIMEOUT} set. */
    public SocketOptions withUserTimeout(Duration timeout) {
        return new SocketOptions(keepAlive, keepAliveIdle, keepAliveInterval, keepAliveCount, Optional.of(timeout));
    }

    /** As a log shows it: {@code keepalive=on idle=37s interval=9s count=3 user-timeout=20s}. */
    @Override
    public String toString() {
        String timers =
                " idle=" + text(keepAliveIdle) + " interval=" + text(keepAliveInterval) + " count=" + keepAliveCount;
        return "keepalive=" + (keepAlive ? "on" + timers : "off") + " user-timeout="
                + userTimeout.map(SocketOptions::text).orElse("off");
    }

    private static void requireSeconds(String name, Duration value) {
        if (value.getNano() != 0 || value.getSeconds() < 1 || value.getSeconds() > MAX_SECONDS) {
            throw new IllegalArgumentException(
                    name + " must be whole seconds from 1s to " + MAX_SECONDS + "s, not " + text(value));
        }
    }

    private static void requireMillis(Duration value) {
        boolean whole = value.getNano() % 1_000_000 == 0;
        if (!whole
                || value.isNegative()
                || value.isZero()
                || value.compareTo(Duration.ofMillis(Integer.MAX_VALUE)) > 0) {
            throw new IllegalArgumentException("user-timeout must be whole milliseconds from 1ms to "
                    + Integer.MAX_VALUE + "ms, not " + text(value));
        }
    }

    private static String text(Duration value) {
        if (value.getNano() == 0) {
            return value.getSeconds() + "s";
        }
        return value.getNano() % 1_000_000 == 0 ? value.toMillis() + "ms" : value.toString();
    }
}
