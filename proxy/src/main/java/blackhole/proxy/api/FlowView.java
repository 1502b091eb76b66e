package blackhole.proxy.api;

import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowState;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A {@link Flow} as the API shows it; the fields are those of {@code Flow} in {@code openapi.json}. */
public record FlowView(
        long id,
        @Nullable String label,
        FlowState state,
        Instant openedAt,
        Duration idle,
        @Nullable Duration toExpiry,
        @Nullable ExpiryView expiry,
        LegView client,
        LegView upstream) {

    public record ExpiryView(ExpiryCause cause, OnExpiry onExpiry, Duration ago) {}

    public record LegView(
            @Nullable InetSocketAddress local,
            @Nullable InetSocketAddress peer,
            String rtt,
            long bytesReceived,
            long segmentsReceived,
            long segmentsDiscarded,
            List<Duration> discardedAfter) {
        static LegView of(Flow.LegStatus leg) {
            return new LegView(
                    leg.local(),
                    leg.peer(),
                    // Microseconds matter here, and ISO-8601 is the form with fractions that the command line reads.
                    leg.rtt().toString(),
                    leg.bytesReceived(),
                    leg.segmentsReceived(),
                    leg.segmentsDiscarded(),
                    leg.discardedAfter());
        }
    }

    public static FlowView of(Flow flow, @Nullable String label) {
        return new FlowView(
                flow.id(),
                label,
                flow.state(),
                flow.openedAt(),
                flow.idle(),
                flow.toExpiry(),
                expiry(flow.expiry()),
                LegView.of(flow.client()),
                LegView.of(flow.upstream()));
    }

    private static @Nullable ExpiryView expiry(Flow.@Nullable Expiry expiry) {
        return expiry == null ? null : new ExpiryView(expiry.cause(), expiry.onExpiry(), expiry.ago());
    }
}
