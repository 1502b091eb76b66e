package blackhole.junit;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Durations;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Names;
import blackhole.middlebox.flow.EventText;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Formats the state of a middlebox and its recent events, for the output of a failed test. */
final class FlowReport {
    private static final List<String> HEAD = List.of(
            "FLOW", "STATE", "CLIENT", "UPSTREAM", "IDLE", "FROM CLIENT", "FROM UPSTREAM", "DISCARDED", "EXPIRED BY");
    private static final int MAX_EVENTS = 200;

    private FlowReport() {}

    static String of(Middlebox middlebox, List<FlowEvent> events, long eventsDropped, Instant begin) {
        MiddleboxConfig config = middlebox.middlebox();
        Endpoint upstream = middlebox.routes().get(0).upstream();
        StringBuilder report = new StringBuilder();
        report.append("middlebox ")
                .append(EventText.of(middlebox.address()))
                .append(" -> ")
                .append(upstream == null ? "none" : upstream)
                .append(", idle timeout ")
                .append(Durations.format(config.idleTimeout()))
                .append(", on expiry ")
                .append(Names.of(config.onExpiry()))
                .append(middlebox.hasOutage() ? ", outage\n" : "\n");
        middlebox.failure().ifPresent(failure -> report.append("  failed: ")
                .append(failure.task())
                .append(" threw ")
                .append(failure.cause())
                .append('\n'));
        appendFlows(report, middlebox.flows());
        appendEvents(report, events, eventsDropped, begin);
        return report.toString();
    }

    private static void appendFlows(StringBuilder report, List<Flow> flows) {
        if (flows.isEmpty()) {
            report.append("  no flows\n");
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEAD);
        flows.stream().sorted(Comparator.comparingLong(Flow::id)).forEach(flow -> rows.add(row(flow)));
        for (List<String> row : rows) {
            report.append(' ');
            for (int column = 0; column < row.size(); column++) {
                String cell = row.get(column);
                report.append(' ').append(cell).append(" ".repeat(width(rows, column) - cell.length()));
            }
            report.setLength(report.toString().stripTrailing().length());
            report.append('\n');
        }
    }

    private static List<String> row(Flow flow) {
        return List.of(
                Long.toString(flow.id()),
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

    private static int width(List<List<String>> rows, int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
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
            report.append(String.format(
                    "  %10s  %s%n", Durations.seconds(Duration.between(begin, event.at())), EventText.of(event)));
        }
    }
}
