package blackhole.fidelity;

import blackhole.fidelity.CaseTrace.Place;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Compares the traces of the same cases behind the NAT and behind the proxy. */
final class Differences {
    /** How much later one may be than the other, in seconds, and as a share: the machine is busy. */
    private static final double SECONDS = 1.0;

    private static final double SHARE = 0.4;

    private Differences() {}

    /** Where the traces differ: {@code CASE | PLACE | NAT | PROXY}. */
    static Set<String> between(Map<Case, CaseTrace> nat, Map<Case, CaseTrace> proxy) {
        Set<String> differences = new LinkedHashSet<>();
        nat.forEach((played, behindNat) -> {
            CaseTrace behindProxy = Objects.requireNonNull(proxy.get(played), "both ran the same cases");
            for (Place place : behindNat.places()) {
                String a = behindNat.at(place);
                String b = behindProxy.at(place);
                if (a.equals(b) && !isSameTime(behindNat.times(place), behindProxy.times(place))) {
                    a += " " + seconds(behindNat.times(place));
                    b += " " + seconds(behindProxy.times(place));
                }
                if (!a.equals(b)) {
                    differences.add(String.join(" | ", played.name(), place.toString(), a, b));
                }
            }
        });
        return differences;
    }

    private static boolean isSameTime(List<Duration> a, List<Duration> b) {
        for (int i = 0; i < a.size(); i++) {
            double one = a.get(i).toMillis() / 1000.0;
            double other = b.get(i).toMillis() / 1000.0;
            if (Math.abs(one - other) > SECONDS + SHARE * Math.max(one, other)) {
                return false;
            }
        }
        return true;
    }

    /** Everything that was seen, as Markdown. */
    static String report(Map<Case, CaseTrace> nat, Map<Case, CaseTrace> proxy) {
        StringBuilder report = new StringBuilder("""
                # What the hosts saw behind a NAT and behind the proxy

                In parentheses the seconds since the phase's begin, of the NAT and of the proxy.
                """);
        nat.forEach((played, behindNat) -> {
            CaseTrace behindProxy = Objects.requireNonNull(proxy.get(played), "both ran the same cases");
            report.append("\n## ").append(played.name()).append("\n\n");
            for (Place place : behindNat.places()) {
                String a = behindNat.at(place);
                String b = behindProxy.at(place);
                String times = " " + seconds(behindNat.times(place)) + " " + seconds(behindProxy.times(place));
                report.append("- " + place + ": " + (a.equals(b) ? a : "**NAT: " + a + "; proxy: " + b + "**") + times
                        + "\n");
            }
        });
        return report.toString();
    }

    private static String seconds(List<Duration> times) {
        return times.stream()
                .map(time -> String.format(Locale.ROOT, "%.1f", time.toMillis() / 1000.0))
                .collect(Collectors.joining(" ", "(", ")"));
    }
}
