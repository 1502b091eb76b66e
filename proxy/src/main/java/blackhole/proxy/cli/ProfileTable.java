package blackhole.proxy.cli;

import blackhole.middlebox.config.Durations;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Names;
import blackhole.middlebox.config.Profile;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Profiles as a table. */
final class ProfileTable {
    private static final List<String> HEAD =
            List.of("NAME", "IDLE TIMEOUT", "ON EXPIRY", "KEEPALIVE REFRESHES", "RANGE", "SOURCE");
    private static final String GAP = "  ";

    private ProfileTable() {}

    static List<String> of(Collection<Profile> profiles) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEAD);
        profiles.forEach(profile -> rows.add(row(profile)));
        return rows.stream().map(row -> line(row, rows)).toList();
    }

    private static List<String> row(Profile profile) {
        MiddleboxConfig config = profile.config();
        return List.of(
                profile.name(),
                Durations.format(config.idleTimeout()),
                Names.of(config.onExpiry()),
                config.keepaliveRefreshes() ? "yes" : "no",
                profile.idleTimeouts() == null ? "-" : profile.idleTimeouts().toString(),
                profile.source());
    }

    private static String line(List<String> row, List<List<String>> rows) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < row.size(); column++) {
            String cell = row.get(column);
            boolean last = column == row.size() - 1;
            line.append(cell).append(last ? "" : " ".repeat(width(column, rows) - cell.length()) + GAP);
        }
        return line.toString();
    }

    private static int width(int column, List<List<String>> rows) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
    }
}
