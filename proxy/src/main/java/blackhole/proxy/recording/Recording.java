package blackhole.proxy.recording;

import blackhole.middlebox.config.UsageException;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.proxy.api.ConfigView;
import blackhole.proxy.api.FlowView;
import blackhole.proxy.api.Json;
import blackhole.proxy.api.Labels;
import blackhole.proxy.api.LiveResources.RouteView;
import blackhole.proxy.api.Problem;
import blackhole.proxy.api.SettingsWatch;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A file written by a {@link Recorder}: one JSON object per line, first the header, then events as in the event stream and
 * changes of the flow table. A change of the table precedes the events that it belongs to.
 */
record Recording(Header header, List<Line> lines) {
    static final int VERSION = 2;
    static final String HEADER = "recording";
    static final String FLOWS = "flows";
    /** The field with the milliseconds since the start. */
    static final String TIME = "t";

    /** Longer than any run, and far from where arithmetic overflows. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    /** The classes of the events by their type. */
    private static final Map<String, Class<?>> EVENTS = Stream.of(
                    Stream.of(FlowEvent.class.getPermittedSubclasses()),
                    Stream.of(SettingsWatch.Change.class.getPermittedSubclasses()),
                    Stream.of(Labels.FlowLabelled.class))
            .flatMap(classes -> classes)
            .collect(Collectors.toMap(Json::typeOf, event -> event));

    /** The state at the start. */
    record Header(int version, Instant at, boolean outage, ConfigView middlebox, List<RouteView> routes) {}

    /**
     * A change of the flow table.
     *
     * @param flows those that are new or changed
     * @param gone the ids of flows that were removed
     */
    record Flows(List<FlowView> flows, List<Long> gone) {
        boolean isEmpty() {
            return flows.isEmpty() && gone.isEmpty();
        }
    }

    /**
     * One line after the header.
     *
     * @param at time since the start
     * @param event a {@link FlowEvent}, {@link SettingsWatch.Change} or {@link Labels.FlowLabelled}; null for a change of the
     *     flow table
     */
    record Line(Duration at, @Nullable Object event, Flows table) {}

    /** How long the recorded run took. */
    Duration length() {
        return lines.isEmpty() ? Duration.ZERO : lines.get(lines.size() - 1).at;
    }

    /** @throws UsageException if it is not a recording; the message has the file, the line and what is wrong with it */
    static Recording read(Path file) {
        String[] rows = text(file).split("\n", -1);
        // The last line is empty, or incomplete if the recorder was killed.
        int complete = rows.length - 1;
        if (complete < 1) {
            throw new UsageException(file + ", line 1: not a recording; there is no complete line");
        }
        int number = 1;
        try {
            Header header = header(Json.parseObject(rows[0].getBytes(StandardCharsets.UTF_8)));
            List<Line> lines = new ArrayList<>();
            Duration last = Duration.ZERO;
            for (number = 2; number <= complete; number++) {
                Line line = line(Json.parseObject(rows[number - 1].getBytes(StandardCharsets.UTF_8)));
                if (line.at.compareTo(last) < 0) {
                    throw new UsageException("t is " + line.at.toMillis() + ", less than on the line before");
                }
                last = line.at;
                lines.add(line);
            }
            return new Recording(header, List.copyOf(lines));
        } catch (UsageException | Problem e) {
            String message = Objects.requireNonNull(e.getMessage(), "never null in either class");
            String problem = message.replace("the body", "the line").replaceAll("\\s*\\R\\s*", " ");
            throw new UsageException(file + ", line " + number + ": " + problem);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new UsageException(file + ": no such file");
        } catch (CharacterCodingException e) {
            throw new UsageException(file + ": not a recording; it is not UTF-8 text");
        } catch (IOException | OutOfMemoryError e) {
            throw new UsageException(file + ": can't be read: " + e.getMessage());
        }
    }

    private static Header header(ObjectNode json) {
        if (!HEADER.equals(type(json))) {
            throw new UsageException("not a recording; the type is not " + HEADER);
        }
        JsonNode version = json.path("version");
        if (!version.isInt() || version.intValue() != VERSION) {
            throw new UsageException("the version is " + version + "; this proxy replays version " + VERSION);
        }
        return Json.read(json.without("type"), Header.class);
    }

    private static String type(ObjectNode json) {
        return json.path("type").asText();
    }

    private static Line line(ObjectNode json) {
        JsonNode time = json.path(TIME);
        if (!time.isIntegralNumber()
                || !time.canConvertToLong()
                || time.longValue() < 0
                || time.longValue() > LONGEST.toMillis()) {
            throw new UsageException("t must be a number of milliseconds up to " + LONGEST.toMillis()
                    + (time.isMissingNode() ? "" : ", not " + time));
        }
        Duration at = Duration.ofMillis(time.longValue());
        String type = type(json);
        if (type.equals(FLOWS)) {
            return new Line(at, null, Json.read(json.without(List.of("type", TIME)), Flows.class));
        }
        Class<?> event = EVENTS.get(type);
        if (event == null) {
            throw new UsageException("unknown type: '" + type + "'");
        }
        return new Line(at, Json.read(json.without(List.of("type", TIME)), event), new Flows(List.of(), List.of()));
    }
}
