package blackhole.proxy.relay;

import blackhole.proxy.Flow.LegStatus;
import blackhole.proxy.Leg;
import io.netty.channel.socket.SocketChannel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A flow's two legs; there is no upstream's until it is connected. Belongs to the flow's event loop. */
final class Legs {
    final LegEnd client;
    private @Nullable LegEnd upstream;
    private @Nullable SocketChannel connecting;

    Legs(SocketChannel clientChannel, long now) {
        client = new LegEnd(Leg.CLIENT, clientChannel, now);
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

    LegEnd connected(SocketChannel upstreamChannel, long now) {
        connecting = null;
        upstream = new LegEnd(Leg.UPSTREAM, upstreamChannel, now);
        return upstream;
    }

    @Nullable
    LegEnd upstream() {
        return upstream;
    }

    LegEnd end(Leg leg) {
        return leg == Leg.CLIENT || upstream == null ? client : upstream;
    }

    @Nullable
    LegEnd other(Leg leg) {
        return leg == Leg.CLIENT ? upstream : client;
    }

    void each(Consumer<LegEnd> action) {
        action.accept(client);
        if (upstream != null) {
            action.accept(upstream);
        }
    }

    boolean areOpen() {
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

    private static boolean isFinished(LegEnd leg) {
        return leg.isInputShut() && leg.isOutputShut();
    }

    /** When the last segment came in on either, as far as it came since the last look; otherwise {@code earlier}. */
    long sampleActivity(long now, boolean exactDating, long earlier) {
        long activity = client.sampleActivity(now, exactDating, earlier);
        return upstream == null ? activity : upstream.sampleActivity(now, exactDating, activity);
    }

    void sampleDiscards(long now, long expiredAt, LegEnd.DiscardReport report) {
        client.sampleDiscards(now, expiredAt, report);
        if (upstream != null) {
            upstream.sampleDiscards(now, expiredAt, report);
        }
    }

    boolean haveDiscarded() {
        return client.hasDiscarded() || (upstream != null && upstream.hasDiscarded());
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
        return upstream == null ? LegEnd.NOT_CONNECTED : upstream.status();
    }
}
