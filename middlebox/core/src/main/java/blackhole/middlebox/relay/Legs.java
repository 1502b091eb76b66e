package blackhole.middlebox.relay;

import blackhole.middlebox.flow.Flow.LegStatus;
import blackhole.middlebox.flow.Leg;
import io.netty.channel.socket.SocketChannel;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A flow's two legs; the upstream's is null until it is connected. Belongs to the flow's event loop. */
final class Legs {
    final LegChannel client;
    private final Platform platform;
    private @Nullable LegChannel upstream;

    Legs(Platform platform, SocketChannel clientChannel, long now) {
        this.platform = platform;
        client = newLeg(Leg.CLIENT, clientChannel, now);
    }

    LegChannel connected(SocketChannel upstreamChannel, long now) {
        upstream = newLeg(Leg.UPSTREAM, upstreamChannel, now);
        return upstream;
    }

    private LegChannel newLeg(Leg leg, SocketChannel channel, long now) {
        return new LegChannel(leg, channel, platform.socketOf(channel).orElse(null), now);
    }

    @Nullable
    LegChannel upstream() {
        return upstream;
    }

    LegChannel end(Leg leg) {
        return leg == Leg.CLIENT || upstream == null ? client : upstream;
    }

    @Nullable
    LegChannel other(Leg leg) {
        return leg == Leg.CLIENT ? upstream : client;
    }

    /** Does something to a leg unless it is not connected. */
    void with(Leg leg, Consumer<LegChannel> action) {
        LegChannel channel = leg == Leg.CLIENT ? client : upstream;
        if (channel != null) {
            action.accept(channel);
        }
    }

    void each(Consumer<LegChannel> action) {
        action.accept(client);
        if (upstream != null) {
            action.accept(upstream);
        }
    }

    /** Whether this holds for each leg that was connected. */
    boolean all(Predicate<LegChannel> condition) {
        return condition.test(client) && (upstream == null || condition.test(upstream));
    }

    /** Whether both sides have sent their FIN and received the other's. */
    boolean areFinished() {
        return upstream != null && all(leg -> leg.isInputShut() && leg.isOutputShut());
    }

    /** Returns the time of the last activity on either leg, or {@code earlier} if none since the last check. */
    long sampleActivity(long now, boolean exactDating, boolean bytesOnly, long earlier) {
        long activity = client.sampleActivity(now, exactDating, bytesOnly, earlier);
        return upstream == null ? activity : upstream.sampleActivity(now, exactDating, bytesOnly, activity);
    }

    /**
     * Returns the leg that is broken without its channel knowing, or whose reset came before the upstream was connected and
     * can be passed on now, if there is one.
     */
    @Nullable
    Leg gone() {
        if (client.isGone() || (!client.isOpen() && upstream != null && upstream.hasSentAll())) {
            return Leg.CLIENT;
        }
        return upstream != null && upstream.isGone() ? Leg.UPSTREAM : null;
    }

    long bytesFromUpstream() {
        return upstream == null ? 0 : upstream.bytesReceived();
    }

    LegStatus upstreamStatus() {
        return upstream == null ? LegChannel.NOT_CONNECTED : upstream.status();
    }
}
