package blackhole.junit;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Durations;
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

/** What a proxy knows, as text for somebody whose test has failed. */
final class FlowReport {
    private static final List<String> HEAD = List.of(
            "FLOW", "STATE", "CLIENT", "UPSTREAM", "IDLE", "FROM CLIENT", "FROM UPSTREAM", "DISCARDED", "EXPIRED BY");
    private static final int MOST_EVENTS = 200;

    private FlowReport() {}

    static String of(Middlebox proxy, List<FlowEvent> events, long eventsDropped, Instant begin) {
        StringBuilder report = new StringBuilder("blackhole proxy ");
        MiddleboxConfig box = proxy.middlebox();
        report.append(EventText.of(proxy.address()))
                .append(" -> ")
                .append(
                        proxy.routes().get(0).upstream() == null
                                ? "none"
                                : proxy.routes().get(0).upstream())
                .append(", idle timeout ")
                .append(Durations.format(box.idleTimeout()))
                .append(", on expiry ")
                .append(Names.of(box.onExpiry()))
                .append(proxy.hasOutage() ? ", outage" : "")
                .append('\n');
        appendFlows(report, proxy.flows());
        appendEvents(report, events, eventsDropped, begin);
        return report.toString();
    }

    private static void appendFlows(StringBuilder report, List<Flow> flows) {
        if (flows.isEmpty()) {
            report.append("  no flows now\n");
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

    private static void appendEvents(StringBuilder report, List<FlowEvent> events, long expired, Instant begin) {
        int skipped = Math.max(0, events.size() - MOST_EVENTS);
        if (events.isEmpty()) {
            report.append("  no events yet\n");
        }
        if (skipped + expired > 0) {
            report.append("  (").append(skipped + expired).append(" earlier events are left out)\n");
        }
        for (FlowEvent event : events.subList(skipped, events.size())) {
            report.append(String.format(
                    "  %10s  %s%n", Durations.seconds(Duration.between(begin, event.at())), EventText.of(event)));
        }
    }
}
