package blackhole.middlebox.flow;

import blackhole.middlebox.config.Durations;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.flow.FlowEvent.FlowClosed;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.FlowHealed;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import blackhole.middlebox.flow.FlowEvent.ResetSent;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import blackhole.middlebox.flow.FlowEvent.UpstreamUnreachable;
import java.net.InetSocketAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Events as sentences. */
public final class EventText {
    private EventText() {}

    /** Returns the sentence, with the flow's number. */
    public static String of(FlowEvent event) {
        String description = description(event);
        return "flow " + event.flowId() + (description == null ? " " : " (" + description + ") ") + what(event);
    }

    private static @Nullable String description(FlowEvent event) {
        if (event instanceof FlowOpened opened) {
            return opened.description();
        }
        return event instanceof FlowExpired expired ? expired.description() : null;
    }

    private static String what(FlowEvent event) {
        if (event instanceof FlowOpened opened) {
            return "opened: " + of(opened.client()) + " -> " + of(opened.listen()) + " -> " + of(opened.upstream());
        }
        if (event instanceof UpstreamUnreachable unreachable) {
            return "from " + of(unreachable.client()) + " reset: upstream " + unreachable.upstream()
                    + " is unreachable: " + unreachable.reason();
        }
        if (event instanceof FlowExpired expired) {
            return why(expired) + ": " + expired.onExpiry().description();
        }
        if (event instanceof SegmentDiscarded discarded) {
            return "segment discarded #" + discarded.number() + " from " + discarded.leg() + ", " + when(discarded);
        }
        if (event instanceof ResetSent reset) {
            return "sent RST to " + reset.leg();
        }
        if (event instanceof FlowHealed healed) {
            return "healed " + Durations.seconds(healed.afterExpiry()) + " after expiry";
        }
        if (event instanceof FlowClosed closed) {
            return how(closed) + " after " + Durations.seconds(closed.age()) + ": " + closed.bytesFromClient()
                    + " bytes from the client, " + closed.bytesFromUpstream() + " from the upstream";
        }
        throw new IllegalArgumentException("no text for " + event);
    }

    private static String why(FlowExpired event) {
        String idle = Durations.seconds(event.idle()) + " idle";
        return switch (event.cause()) {
            case IDLE -> "expired after " + idle;
            case LIFETIME -> "expired at the end of its lifetime, " + idle;
            case TABLE_FULL -> "expired because the flow table was full, " + idle;
            case COMMAND -> "expired by command, " + idle;
            case OUTAGE -> "blackholed by an outage, " + idle;
            case NO_UPSTREAM -> "has no upstream";
        };
    }

    private static String when(SegmentDiscarded event) {
        return event.gap() == null
                ? Durations.seconds(event.sinceExpiry()) + " after expiry"
                : "+" + Durations.seconds(event.gap());
    }

    private static String how(FlowClosed event) {
        String by = event.by().name().toLowerCase(Locale.ROOT);
        return switch (event.how()) {
            case FINISHED -> "closed by " + by;
            case RESET -> "reset by " + by;
            case SHUTDOWN -> "closed by shutdown";
            case EXPIRED -> "ended by its expiry";
            case COMMAND -> "reset by command";
            case TOMBSTONE_TIME -> "tombstone removed";
            case TOO_MANY_TOMBSTONES -> "tombstone removed because of the limit";
        };
    }

    /** Returns {@code HOST:PORT}, or {@code none}. */
    public static String of(@Nullable InetSocketAddress address) {
        return address == null ? "none" : Endpoint.of(address).toString();
    }
}
