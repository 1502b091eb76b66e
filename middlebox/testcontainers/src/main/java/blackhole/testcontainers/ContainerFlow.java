package blackhole.testcontainers;

import org.jspecify.annotations.Nullable;

/**
 * A TCP connection through the middlebox, as of the time of the request.
 *
 * @param state {@code connecting}, {@code live}, {@code half-closed}, {@code blackholed} or {@code tombstone}
 * @param expiryCause why it expired: {@code idle}, {@code command}, {@code outage} …; null unless it has
 * @param client the leg between the client and the middlebox
 * @param upstream the leg between the middlebox and the server
 */
public record ContainerFlow(long id, String state, @Nullable String expiryCause, Leg client, Leg upstream) {

    /**
     * One of a flow's two legs.
     *
     * @param local the middlebox's end, {@code HOST:PORT}; null while not connected
     * @param peer the other end; null while not connected
     * @param bytesReceived from the peer
     * @param segmentsDiscarded from the peer since expiry
     */
    public record Leg(@Nullable String local, @Nullable String peer, long bytesReceived, long segmentsDiscarded) {}
}
