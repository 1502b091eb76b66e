package blackhole.proxy.recording;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.Names;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.UsageException;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowState;
import blackhole.proxy.api.Json;
import blackhole.proxy.http.Problem;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file that a {@link Recorder} wrote, read and checked.
 *
 * @param header its first line
 * @param lines what happened, in order
 */
public record Recording(Instant startedAt, ObjectNode header, List<Line> lines) {
    private static final Set<String> EVENTS = Set.of(
            "flow-opened",
            "upstream-unreachable",
            "flow-expired",
            "flow-healed",
            "reset-sent",
            "segment-discarded",
            "flow-closed",
            "flow-labelled",
            "middlebox-changed",
            "outage-changed");

    /**
     * Something that happened.
     *
     * @param at since the start
     * @param event as in the event stream; null when the flow table changed
     * @param changed flows of the table as they were then
     * @param gone the ids of flows that were no longer there
     */
    public record Line(Duration at, @Nullable ObjectNode event, List<Known> changed, List<Long> gone) {}

    /** A flow of the table. */
    public record Known(Flow flow, @Nullable String label) {}

    /** What is wrong with a line. */
    private static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;

        Wrong(String problem) {
            super(problem, null, false, false);
        }
    }

    /** How long it takes at the speed at which it happened. */
    public Duration length() {
        return lines.isEmpty() ? Duration.ZERO : lines.get(lines.size() - 1).at;
    }

    /** @throws UsageException when it is no recording; the message names the file, the line and what is wrong */
    public static Recording read(Path file) {
        String text = text(file);
        String[] rows = text.split("\n", -1);
        // Of a recorder that was killed, the last line may be half a line.
        int complete = rows.length - 1;
        if (complete < 1) {
            throw new UsageException(file + ", line 1: this is no recording: it has no complete line");
        }
        int number = 1;
        try {
            ObjectNode header = parse(rows[0]);
            Instant startedAt = checkHeader(header);
            List<Line> lines = new ArrayList<>();
            Duration last = Duration.ZERO;
            for (number = 2; number <= complete; number++) {
                Line line = line(parse(rows[number - 1]));
                if (line.at.compareTo(last) < 0) {
                    throw new Wrong("t is " + line.at.toMillis() + ", less than on the line before");
                }
                last = line.at;
                lines.add(line);
            }
            return new Recording(startedAt, header, List.copyOf(lines));
        } catch (Wrong e) {
            throw new UsageException(file + ", line " + number + ": " + e.getMessage());
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new UsageException(file + ": there is no such file");
        } catch (CharacterCodingException e) {
            throw new UsageException(file + ": this is not UTF-8 text, so no recording");
        } catch (IOException | OutOfMemoryError e) {
            throw new UsageException(file + ": can't be read: " + e.getMessage());
        }
    }

    private static ObjectNode parse(String row) throws Wrong {
        try {
            return Json.parseObject(row.getBytes(StandardCharsets.UTF_8));
        } catch (Problem e) {
            throw new Wrong(e.getMessage().replace("the body", "the line").replaceAll("\\s*\\R\\s*", " "));
        }
    }

    private static Instant checkHeader(ObjectNode header) throws Wrong {
        if (!RecordingFormat.HEADER.equals(header.path("type").textValue())) {
            throw new Wrong("this is no recording: the type is not " + RecordingFormat.HEADER);
        }
        if (header.path("version").asInt() != RecordingFormat.VERSION) {
            throw new Wrong(
                    "the version is " + header.path("version") + "; this program plays " + RecordingFormat.VERSION);
        }
        for (String field : List.of("middlebox", "routes", "outage")) {
            field(header, field);
        }
        try {
            return Instant.parse(text(header, "at"));
        } catch (DateTimeException e) {
            throw new Wrong("at is no time: " + header.get("at"));
        }
    }

    private static Line line(ObjectNode json) throws Wrong {
        String type = text(json, "type");
        JsonNode time = field(json, RecordingFormat.TIME);
        if (!time.isIntegralNumber() || !time.canConvertToLong() || time.longValue() < 0) {
            throw new Wrong("t is no number of milliseconds: " + time);
        }
        Duration at = Duration.ofMillis(time.longValue());
        if (!type.equals(RecordingFormat.FLOWS)) {
            if (!EVENTS.contains(type)) {
                throw new Wrong("the type is unknown: " + type);
            }
            json.remove(List.of(RecordingFormat.TIME, "id"));
            return new Line(at, json, List.of(), List.of());
        }
        List<Known> changed = new ArrayList<>();
        for (JsonNode flow : field(json, "flows")) {
            try {
                changed.add(new Known(flow(flow), nullableText(flow, "label")));
            } catch (UsageException | DateTimeException | Problem e) {
                throw new Wrong("a flow is malformed: " + e.getMessage());
            }
        }
        List<Long> gone = new ArrayList<>();
        for (JsonNode id : field(json, "gone")) {
            gone.add(id.longValue());
        }
        return new Line(at, null, changed, gone);
    }

    private static Flow flow(JsonNode json) throws Wrong {
        JsonNode expiry = field(json, "expiry");
        String toExpiry = nullableText(json, "toExpiry");
        return new Flow(
                number(json, "id"),
                Names.parse(FlowState.class, text(json, "state")),
                Instant.parse(text(json, "openedAt")),
                millis(text(json, "idle")),
                toExpiry == null ? null : millis(toExpiry),
                expiry.isNull()
                        ? null
                        : new Flow.Expiry(
                                Names.parse(ExpiryCause.class, text(expiry, "cause")),
                                Names.parse(OnExpiry.class, text(expiry, "onExpiry")),
                                millis(text(expiry, "ago"))),
                leg(field(json, "client")),
                leg(field(json, "upstream")));
    }

    private static Flow.LegStatus leg(JsonNode json) throws Wrong {
        List<Duration> discardedAfter = new ArrayList<>();
        for (JsonNode after : field(json, "discardedAfter")) {
            discardedAfter.add(millis(after.asText()));
        }
        return new Flow.LegStatus(
                address(nullableText(json, "local")),
                address(nullableText(json, "peer")),
                Duration.parse(text(json, "rtt")),
                number(json, "bytesReceived"),
                number(json, "segmentsReceived"),
                number(json, "segmentsDiscarded"),
                List.copyOf(discardedAfter));
    }

    private static @Nullable InetSocketAddress address(@Nullable String text) throws Wrong {
        if (text == null) {
            return null;
        }
        Endpoint endpoint = Endpoint.parse(text);
        InetAddress address = NetUtil.createInetAddressFromIpAddressString(endpoint.host());
        if (address == null) {
            throw new Wrong("a flow is malformed: " + text + " is no address");
        }
        return new InetSocketAddress(address, endpoint.port());
    }

    private static Duration millis(String text) throws Wrong {
        if (!text.matches("-?\\d{1,15}ms")) {
            throw new Wrong("a flow is malformed: '" + text + "' is no number of milliseconds");
        }
        return Duration.ofMillis(Long.parseLong(text.substring(0, text.length() - 2)));
    }

    private static JsonNode field(JsonNode json, String name) throws Wrong {
        JsonNode value = json.get(name);
        if (value == null) {
            throw new Wrong("the field " + name + " is missing");
        }
        return value;
    }

    private static String text(JsonNode json, String name) throws Wrong {
        JsonNode value = field(json, name);
        if (!value.isTextual()) {
            throw new Wrong("the field " + name + " is no text: " + value);
        }
        return value.textValue();
    }

    private static @Nullable String nullableText(JsonNode json, String name) throws Wrong {
        return field(json, name).isNull() ? null : text(json, name);
    }

    private static long number(JsonNode json, String name) throws Wrong {
        JsonNode value = field(json, name);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new Wrong("the field " + name + " is no whole number: " + value);
        }
        return value.longValue();
    }
}
