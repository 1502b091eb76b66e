package blackhole.middlebox.relay;

import blackhole.middlebox.flow.Flow.LegStatus;
import blackhole.middlebox.flow.Leg;
import io.netty.channel.socket.SocketChannel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A flow's two legs; there is no upstream's until it is connected. Belongs to the flow's event loop. */
final class Legs {
    final LegChannel client;
    private @Nullable LegChannel upstream;
    private @Nullable SocketChannel connecting;

    Legs(SocketChannel clientChannel, long now) {
        client = new LegChannel(Leg.CLIENT, clientChannel, now);
    }

    void connecting(SocketChannel upstreamChannel) {
        connecting = upstreamChannel;
    }

    /** An upstream that does not answer would otherwise hold its descriptor for as long as connecting may take. */
    void stopConnecting() {
        SocketChannel channel = connecting;
        connecting = null;
        if (channel != null) {
            channel.close();
        }
    }

    LegChannel connected(SocketChannel upstreamChannel, long now) {
        connecting = null;
        upstream = new LegChannel(Leg.UPSTREAM, upstreamChannel, now);
        return upstream;
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

    boolean isOpen() {
        return client.isOpen() && (upstream == null || upstream.isOpen());
    }

    boolean areClosed() {
        return !client.isOpen() && (upstream == null || !upstream.isOpen());
    }

    boolean isHalfClosed() {
        return client.isInputShut() || (upstream != null && upstream.isInputShut());
    }

    /** Both sides have sent their FIN, and have had the other's. */
    boolean areFinished() {
        return upstream != null && isFinished(client) && isFinished(upstream);
    }

    private static boolean isFinished(LegChannel leg) {
        return leg.isInputShut() && leg.isOutputShut();
    }

    /** When the last segment came in on either, as far as it came since the last look; otherwise {@code earlier}. */
    long sampleActivity(long now, boolean exactDating, long earlier) {
        long activity = client.sampleActivity(now, exactDating, earlier);
        return upstream == null ? activity : upstream.sampleActivity(now, exactDating, activity);
    }

    void sampleDiscards(long now, long expiredAt, LegChannel.DiscardReport report) {
        client.sampleDiscards(now, expiredAt, report);
        if (upstream != null) {
            upstream.sampleDiscards(now, expiredAt, report);
        }
    }

    /** The leg that is broken without its channel knowing, if one is. */
    @Nullable
    Leg gone() {
        if (client.isGone()) {
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
