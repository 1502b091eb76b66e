package blackhole.proxy.http;

import java.time.Duration;

/**
 * What clients of the admin port can use up at most.
 *
 * @param connections at a time; one more is closed at once. By default few enough for the descriptors that the relay
 *     leaves for others
 * @param betweenRequests until a connection's next request has come in with all its headers; a slower one is closed
 * @param request until a request is read and answered, event streams excepted
 * @param body bytes of a request
 * @param streams event streams at a time
 * @param bufferedEvents kept for streams that come back or are slow
 * @param heartbeat between two comments in a stream, by which a client that is gone is noticed
 * @param stalled how long a stream may take nothing until it is closed
 */
public record Limits(
        int connections,
        Duration betweenRequests,
        Duration request,
        int body,
        int streams,
        int bufferedEvents,
        Duration heartbeat,
        Duration stalled) {
    public static final Limits DEFAULT = new Limits(
            40,
            Duration.ofSeconds(15),
            Duration.ofSeconds(30),
            64 * 1024,
            16,
            10_000,
            Duration.ofSeconds(15),
            Duration.ofMinutes(5));
}
