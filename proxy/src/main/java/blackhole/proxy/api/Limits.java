package blackhole.proxy.api;

import java.time.Duration;

/**
 * What clients of the admin port can use up.
 *
 * @param connections at a time; further ones are closed at once. The default leaves enough descriptors for the relay
 * @param betweenRequests from one request to the end of the next one's headers; slower connections are closed
 * @param request for a request to be read and answered, event streams excepted
 * @param body bytes of a request body
 * @param streams event streams at a time
 * @param bufferedEvents kept for readers that reconnect or are slow
 * @param heartbeat from one comment in a stream to the next, by which a dead client is noticed
 * @param stalled for which a client may take nothing of what it is sent; then its connection is closed
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
