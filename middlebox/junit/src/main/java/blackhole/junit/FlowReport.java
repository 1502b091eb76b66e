package blackhole.junit;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Durations;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Names;
import blackhole.middlebox.flow.BackgroundFailure;
import blackhole.middlebox.flow.EventText;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Formats the state of a middlebox and its recent events, for the output of a failed test. */
final class FlowReport {
    private static final String ROW = "  %-4s  %-10s  %-21s  %-21s  %9s  %12s  %13s  %9s  %s%n";
    private static final String[] COLUMNS = {
        "FLOW", "STATE", "CLIENT", "UPSTREAM", "IDLE", "FROM CLIENT", "FROM UPSTREAM", "DISCARDED", "EXPIRED BY"
    };
    private static final int MAX_EVENTS = 200;

    private FlowReport() {}

    static String of(Middlebox middlebox, List<FlowEvent> events, long eventsDropped, Instant begin) {
        MiddleboxConfig config = middlebox.config();
        StringBuilder report = new StringBuilder("middlebox %s -> %s, idle timeout %s, on expiry %s%s%n"
                .formatted(
                        EventText.of(middlebox.address()),
                        middlebox.routes().get(0).upstream(),
                        Durations.format(config.idleTimeout()),
                        Names.of(config.onExpiry()),
                        middlebox.hasOutage() ? ", outage" : ""));
        middlebox.failure().ifPresent(failure -> report.append("  failed: %s%n".formatted(text(failure))));
        appendFlows(report, middlebox.flows(), begin);
        appendEvents(report, events, eventsDropped, begin);
        return report.toString();
    }

    /** Returns what failed and what it threw. */
    static String text(BackgroundFailure failure) {
        return failure.task() + " threw " + failure.cause();
    }

    /** An extension in a static field keeps its flows from one test to the next. */
    private static void appendFlows(StringBuilder report, List<Flow> flows, Instant begin) {
        Map<Boolean, List<Flow>> byAge = flows.stream()
                .sorted(Comparator.comparingLong(Flow::id))
                .collect(Collectors.partitioningBy(flow -> flow.openedAt().isBefore(begin)));
        appendRows(report, "  no flows opened by this test\n", byAge.getOrDefault(false, List.of()));
        List<Flow> earlier = byAge.getOrDefault(true, List.of());
        if (!earlier.isEmpty()) {
            report.append("  opened before this test:\n");
            appendRows(report, "", earlier);
        }
    }

    private static void appendRows(StringBuilder report, String ifNone, List<Flow> flows) {
        report.append(flows.isEmpty() ? ifNone : ROW.formatted((Object[]) COLUMNS));
        flows.forEach(flow -> report.append(row(flow)));
    }

    private static String row(Flow flow) {
        return ROW.formatted(
                flow.id(),
                Names.of(flow.state()),
                EventText.of(flow.client().peer()),
                EventText.of(flow.upstream().peer()),
                Durations.seconds(flow.idle()),
                flow.client().bytesReceived() + " B",
                flow.upstream().bytesReceived() + " B",
                flow.client().segmentsDiscarded() + "+" + flow.upstream().segmentsDiscarded(),
                expiry(flow.expiry()));
    }

    private static String expiry(Flow.@Nullable Expiry expiry) {
        return expiry == null ? "-" : Names.of(expiry.cause()) + " " + Durations.seconds(expiry.ago()) + " ago";
    }

    private static void appendEvents(StringBuilder report, List<FlowEvent> events, long dropped, Instant begin) {
        int skipped = Math.max(0, events.size() - MAX_EVENTS);
        if (events.isEmpty()) {
            report.append("  no events\n");
        }
        if (skipped + dropped > 0) {
            report.append("  (").append(skipped + dropped).append(" earlier events omitted)\n");
        }
        for (FlowEvent event : events.subList(skipped, events.size())) {
            report.append("  %10s  %s%n"
                    .formatted(Durations.seconds(Duration.between(begin, event.at())), EventText.of(event)));
        }
    }
}
