package blackhole.middlebox.config;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** The settings of a {@link MiddleboxConfig} as text, by the names of the command line's options. */
final class MiddleboxConfigText {
    private static final Map<String, BiConsumer<MiddleboxConfigBuilder, String>> BY_NAME = new LinkedHashMap<>();

    static {
        BY_NAME.put("idle-timeout", (box, text) -> box.idleTimeout(Durations.parse(text)));
        BY_NAME.put("keepalive-refreshes", (box, text) -> box.keepaliveRefreshes(trueOrFalse(text)));
        BY_NAME.put("on-expiry", (box, text) -> box.onExpiry(Names.parse(OnExpiry.class, text)));
        BY_NAME.put("direction", (box, text) -> box.direction(Names.parse(Direction.class, text)));
        BY_NAME.put("max-lifetime", (box, text) -> box.maxLifetime(Durations.parse(text)));
        BY_NAME.put("max-flows", (box, text) -> box.maxFlows(number(text)));
        BY_NAME.put("when-full", (box, text) -> box.whenFull(Names.parse(WhenFull.class, text)));
        BY_NAME.put("only-clients", (box, text) -> box.onlyClients(ranges(text)));
        BY_NAME.put("tombstone-time", (box, text) -> box.tombstoneTime(Durations.parse(text)));
        BY_NAME.put("max-tombstones", (box, text) -> box.maxTombstones(number(text)));
    }

    private MiddleboxConfigText() {}

    static Set<String> names() {
        return BY_NAME.keySet();
    }

    /**
     * @param name one of {@link #names()}
     * @throws UsageException when the text is malformed; whether the value is in range is known once the box is built
     */
    static void set(MiddleboxConfigBuilder box, String name, String text) {
        BY_NAME.get(name).accept(box, text);
    }

    private static boolean trueOrFalse(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new UsageException("'" + text + "' is neither true nor false");
        };
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new UsageException("'" + text + "' is not a number up to " + Integer.MAX_VALUE);
        }
    }

    private static List<Cidr> ranges(String text) {
        return Arrays.stream(text.split(",", -1)).map(Cidr::parse).toList();
    }
}
