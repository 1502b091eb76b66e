package blackhole.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the proxy says on {@code --log-format json}. */
final class ProxyLog {
    private static final Pattern OPENED = Pattern.compile("\"FlowOpened\"}.*\"flowId\":\"([0-9]+)\".*"
            + "\"client\":\"[^\"]*:([0-9]+)\".*\"listen\":\"[^\"]*:([0-9]+)\"");
    private static final Pattern EXPIRED =
            Pattern.compile("\"FlowExpired\"}.*\"flowId\":\"([0-9]+)\".*\"at\":\"([^\"]+)\".*\"idle\":\"([^\"]+)\"");

    private static final Pattern TICK = Pattern.compile("idle clock ticks every ([0-9]+)\\.([0-9]{3}) s");

    private ProxyLog() {}

    /** The idle clock's longest tick, of a proxy that is {@code --verbose}. */
    static Duration longestTick(Path log) throws IOException {
        return Duration.ofMillis(TICK.matcher(Files.readString(log))
                .results()
                .mapToLong(found -> Long.parseLong(found.group(1) + found.group(2)))
                .max()
                .orElse(0));
    }

    /** An expiry as the proxy tells it; no client leg when the flow's opening is not in the log. */
    record Expiry(HeldFlows.@Nullable ClientLeg leg, Instant at, Duration idle) {}

    static List<Expiry> expiries(Path log) throws IOException {
        Map<String, HeldFlows.ClientLeg> legs = new HashMap<>();
        List<Expiry> expiries = new ArrayList<>();
        for (String line : Files.readAllLines(log)) {
            Matcher opened = OPENED.matcher(line);
            if (opened.find()) {
                legs.put(
                        opened.group(1),
                        new HeldFlows.ClientLeg(Integer.parseInt(opened.group(2)), Integer.parseInt(opened.group(3))));
            }
            Matcher expired = EXPIRED.matcher(line);
            if (expired.find()) {
                expiries.add(new Expiry(
                        legs.get(expired.group(1)), Instant.parse(expired.group(2)), Duration.parse(expired.group(3))));
            }
        }
        return expiries;
    }
}
