package blackhole.client.evidence;

import blackhole.keepalive.SocketOptions;
import blackhole.keepalive.Times;
import blackhole.keepalive.TunedSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A {@link SocketTable} as text: a header and one line for each socket, in columns. */
public final class TableText {

    private static final List<String> HEADER = List.of(
            "#",
            "LOCAL",
            "REMOTE",
            "ROLE",
            "STATE",
            "TIMER",
            "OPTIONS",
            "RTO",
            "BACKOFF",
            "UNACKED",
            "RETRANS",
            "SENT",
            "ACKED",
            "LAST DATA");

    private static final String UNKNOWN = "?";

    private TableText() {}

    /** Returns the names of the columns. */
    public static List<String> header() {
        return HEADER;
    }

    /** Returns the cells of one socket, in the order of {@link #header}; {@code ?} if unknown. */
    public static List<String> cells(SocketRow row) {
        return List.of(
                Integer.toString(row.id()),
                TunedSocket.text(row.local()),
                TunedSocket.text(row.remote()),
                row.role().toString(),
                row.state(),
                row.timer().map(KernelTimer::toString).orElse(UNKNOWN),
                row.options().map(TableText::options).orElse(UNKNOWN),
                info(row, info -> Times.text(info.rto())),
                info(row, TcpInfo::backoff),
                info(row, TcpInfo::unacked),
                info(row, info -> info.retransmits() + "/" + info.totalRetransmits()),
                info(row, TcpInfo::bytesSent),
                info(row, TcpInfo::bytesAcked),
                info(row, info -> Times.text(info.sinceData())));
    }

    private static String info(SocketRow row, Function<TcpInfo, ?> field) {
        return row.info().map(info -> String.valueOf(field.apply(info))).orElse(UNKNOWN);
    }

    /** Returns all five options, the timers even if keepalive is off: {@code keepalive on 37s/9s/3, user-timeout 20s}. */
    public static String options(SocketOptions options) {
        return "keepalive " + (options.keepAlive() ? "on" : "off") + " " + seconds(options.keepAliveIdle()) + "/"
                + seconds(options.keepAliveInterval()) + "/" + options.keepAliveCount() + ", user-timeout "
                + options.userTimeout().map(Times::text).orElse("off");
    }

    /** Returns the table with a title, and with the reason if columns are unknown. */
    public static List<String> lines(SocketTable table) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADER);
        table.rows().forEach(row -> rows.add(cells(row)));
        List<String> lines = new ArrayList<>();
        lines.add("sockets " + table.when().text() + ", round " + table.round() + ", at " + Times.text(table.at()));
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder(" ");
            for (int column = 0; column < HEADER.size(); column++) {
                line.append(' ').append(row.get(column));
                if (column < HEADER.size() - 1) {
                    line.append(" ".repeat(width(rows, column) - row.get(column).length() + 1));
                }
            }
            lines.add(line.toString());
        }
        table.unknownBecause().ifPresent(reason -> lines.add("  ? is unknown, because " + reason));
        return lines;
    }

    private static int width(List<List<String>> rows, int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
    }

    private static String seconds(Duration time) {
        return time.toSeconds() + "s";
    }
}
