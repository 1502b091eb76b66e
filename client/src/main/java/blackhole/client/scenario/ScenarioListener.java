package blackhole.client.scenario;

import blackhole.client.evidence.SocketTable;
import blackhole.keepalive.SocketListener;
import blackhole.keepalive.TunedSocket;
import java.time.Duration;

/**
 * Receives a scenario's progress, on the thread that runs it; {@link #opened} and {@link #closed} are called on
 * the producer's I/O thread.
 */
public interface ScenarioListener extends SocketListener {

    /** Ignores everything. */
    ScenarioListener NONE = new ScenarioListener() {};

    /** The topic exists, and the producer is about to start. */
    default void started(ScenarioSettings settings, int partitions) {}

    /** A reason why the result is less meaningful. */
    default void warning(String line) {}

    /** The producer started a connection and its options were set. */
    @Override
    default void opened(TunedSocket socket) {}

    /**
     * A snapshot of the producer's sockets; on the scenario's thread or another one, never concurrently.
     */
    default void sockets(SocketTable table) {}

    /** Returns whether {@link #sockets} is also to be called twice a second; asked once. */
    default boolean isWatchingSockets() {
        return false;
    }

    /** All messages of a burst were acknowledged; the idle time begins. */
    default void burstDone(Burst burst) {}

    /** Idle; called at the start and after each tenth of the idle time, at most every second and at least every 30 s. */
    default void idling(Duration remaining) {}

    /** Called every 5 s while a message is waiting for its acknowledgement. */
    default void waiting(int partition, Duration elapsed) {}

    /** A probe has its verdict. */
    default void probeDone(Probe probe) {}

    /** All probes of a round are done. */
    default void roundDone(Round round) {}
}
