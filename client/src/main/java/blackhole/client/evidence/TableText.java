package blackhole.client.evidence;

import blackhole.keepalive.SocketOptions;
import blackhole.keepalive.Times;
import blackhole.keepalive.TunedSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A {@link SocketTable} as text: a header and one line for each socket, in columns. */
public final class TableText {

    private static final String UNKNOWN = "?";

    private record Column(String name, Function<SocketRow, String> cell) {

        static Column ofInfo(String name, Function<SocketInfo, ?> field) {
            return new Column(name, row -> row.info() == null ? UNKNOWN : String.valueOf(field.apply(row.info())));
        }
    }

    private static final List<Column> COLUMNS = List.of(
            new Column("#", row -> Integer.toString(row.id())),
            new Column("LOCAL", row -> TunedSocket.text(row.local())),
            new Column("REMOTE", row -> TunedSocket.text(row.remote())),
            new Column("ROLE", row -> row.role().toString()),
            new Column("STATE", SocketRow::state),
            new Column(
                    "TIMER", row -> row.timer() == null ? UNKNOWN : row.timer().toString()),
            new Column("OPTIONS", row -> row.options() == null ? UNKNOWN : options(row.options())),
            Column.ofInfo("RTO", info -> Times.text(info.rto())),
            Column.ofInfo("BACKOFF", SocketInfo::backoff),
            Column.ofInfo("UNACKED", SocketInfo::unacked),
            Column.ofInfo("RETRANS", info -> info.retransmits() + "/" + info.totalRetransmits()),
            Column.ofInfo("SENT", SocketInfo::bytesSent),
            Column.ofInfo("ACKED", SocketInfo::bytesAcked),
            Column.ofInfo("LAST DATA", info -> Times.text(info.sinceData())));

    private TableText() {}

    /** Returns the names of the columns. */
    public static List<String> header() {
        return COLUMNS.stream().map(Column::name).toList();
    }

    /** Returns the cells of one socket, in the order of {@link #header}; {@code ?} if unknown. */
    public static List<String> cells(SocketRow row) {
        return COLUMNS.stream().map(column -> column.cell().apply(row)).toList();
    }

    /** Returns all five options, the timers even if keepalive is off: {@code keepalive on 37s/9s/3, user-timeout 20s}. */
    public static String options(SocketOptions options) {
        return "keepalive " + (options.keepAlive() ? "on" : "off") + " "
                + options.keepAliveIdle().toSeconds() + "s/"
                + options.keepAliveInterval().toSeconds() + "s/" + options.keepAliveCount() + ", user-timeout "
                + (options.userTimeout() == null ? "off" : Times.text(options.userTimeout()));
    }

    /** Returns the table with a title, and with the reason if columns are unknown. */
    public static List<String> lines(SocketTable table) {
        List<List<String>> rows = new ArrayList<>(List.of(header()));
        table.rows().forEach(row -> rows.add(cells(row)));
        String format = IntStream.range(0, COLUMNS.size() - 1)
                .mapToObj(column -> "  %-" + width(rows, column) + "s")
                .collect(Collectors.joining("", "", "  %s"));
        List<String> lines = new ArrayList<>();
        lines.add("sockets " + table.when().text() + ", round " + table.round() + ", at " + Times.text(table.at()));
        rows.forEach(row -> lines.add(String.format(format, row.toArray())));
        if (table.unknownBecause() != null) {
            lines.add("  ? is unknown, because " + table.unknownBecause());
        }
        return lines;
    }

    private static int width(List<List<String>> rows, int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
    }
}
