package blackhole.bench;

import blackhole.support.ChildProcess;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The output of a proxy with {@code --log-format json}. */
record ProxyLog(List<JsonNode> lines) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern TICK = Pattern.compile("idle clock ticks every ([0-9]+)\\.([0-9]{3}) s");

    static ProxyLog of(ChildProcess proxy) throws JsonProcessingException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : proxy.out().lines().toList()) {
            lines.add(JSON.readTree(line));
        }
        return new ProxyLog(lines);
    }

    /** The idle clock's longest tick, of a proxy with {@code --verbose}. */
    Duration longestTick() {
        return Duration.ofMillis(lines.stream()
                .map(line -> TICK.matcher(line.path("formattedMessage").asText()))
                .filter(Matcher::find)
                .mapToLong(found -> Long.parseLong(found.group(1) + found.group(2)))
                .max()
                .orElse(0));
    }

    /** An expiry in the log; no client leg if the flow's opening is not in it. */
    record Expiry(HeldFlows.@Nullable ClientLeg leg, Instant at, Duration idle) {}

    List<Expiry> expiries() {
        Map<String, HeldFlows.ClientLeg> legs = new HashMap<>();
        List<Expiry> expiries = new ArrayList<>();
        for (JsonNode line : lines) {
            String flow = line.findPath("flowId").asText();
            switch (line.findPath("event").asText()) {
                case "FlowOpened" ->
                    legs.put(
                            flow,
                            new HeldFlows.ClientLeg(port(line.findPath("client")), port(line.findPath("listen"))));
                case "FlowExpired" ->
                    expiries.add(new Expiry(
                            legs.get(flow),
                            Instant.parse(line.findPath("at").asText()),
                            Duration.ofMillis(line.findPath("idleMillis").asLong())));
                default -> {}
            }
        }
        return expiries;
    }

    private static int port(JsonNode address) {
        return Integer.parseInt(address.asText().replaceFirst(".*:", ""));
    }
}
