package blackhole.client.scenario;

import blackhole.client.evidence.SocketTable;
import blackhole.keepalive.SocketEnd;
import blackhole.keepalive.TunedSocket;
import java.time.Duration;

/**
 * Hears of a scenario's progress. Called on the thread that runs it, but for {@link #socketOpened} and
 * {@link #socketClosed}, which come on the producer's I/O thread.
 */
public interface ScenarioListener {

    /** Hears nothing. */
    ScenarioListener NONE = new ScenarioListener() {};

    /** The topic was found or made, and the producer is next. */
    default void started(ScenarioSettings settings, int partitions) {}

    /** Something makes the result less meaningful. */
    default void warning(String line) {}

    /** The producer began a connection and its options were set. */
    default void socketOpened(TunedSocket socket) {}

    /** A connection of the producer is closed. */
    default void socketClosed(TunedSocket socket, SocketEnd end) {}

    /**
     * The producer's sockets at a moment that matters; on the scenario's thread or on one of its own, one after the
     * other.
     */
    default void sockets(SocketTable table) {}

    /** Whether {@link #sockets} is also to be called twice a second, to show them as they are; asked once. */
    default boolean watchesSockets() {
        return false;
    }

    /** All messages of a burst are acknowledged, and the idle time begins. */
    default void burstDone(Burst burst) {}

    /** In the idle time: at its start, and then each tenth of it, at most every second and at least every 30 s. */
    default void idling(Duration remaining) {}

    /** Every 5 s while a message of the burst or a probe is waiting for its acknowledgement. */
    default void waiting(int partition, Duration elapsed) {}

    /** A probe was acknowledged or has failed, and has its verdict. */
    default void probeDone(Probe probe) {}

    /** All probes of a round are done. */
    default void roundDone(Round round) {}
}
