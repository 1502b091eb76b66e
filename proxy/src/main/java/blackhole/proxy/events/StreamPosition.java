package blackhole.proxy.events;

import blackhole.proxy.api.Problem;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The position in the events at which a stream starts.
 *
 * @param run the run of the proxy that numbered the event; null for the current one
 * @param after the number, or {@link #NOW} or {@link #OLDEST}
 */
public record StreamPosition(@Nullable String run, long after) {
    private static final Pattern ID = Pattern.compile("(?:([0-9a-z]{1,16})-)?(\\d{1,18})");
    private static final long NOW = -1;
    private static final long OLDEST = -2;

    /**
     * @param lastEventId the header of that name, which wins
     * @param start {@code oldest} or {@code now}
     */
    public static StreamPosition parse(@Nullable String lastEventId, @Nullable String start) {
        if (lastEventId != null && !lastEventId.isEmpty()) {
            Matcher matcher = ID.matcher(lastEventId);
            if (!matcher.matches()) {
                throw Problem.inField("Last-Event-ID", "must be an event id, not '" + lastEventId + "'");
            }
            return new StreamPosition(matcher.group(1), Long.parseLong(matcher.group(2)));
        }
        if (start == null || start.equals("now")) {
            return new StreamPosition(null, NOW);
        }
        if (start.equals("oldest")) {
            return new StreamPosition(null, OLDEST);
        }
        throw Problem.inField("start", "must be oldest or now, not '" + start + "'");
    }

    /** Returns the number of the first event to send. Ids of another run precede all of this one's. */
    long next(String thisRun, EventBuffer events) {
        if (after == NOW) {
            return events.newest() + 1;
        }
        if (after == OLDEST || !isOf(thisRun) || after > events.newest()) {
            return events.oldest();
        }
        return after + 1;
    }

    /** Returns whether the reader misses nothing between its last event and the first one it is sent. */
    boolean isResumable(String thisRun, EventBuffer events) {
        return after >= 0 && isOf(thisRun) && after <= events.newest() && after + 1 >= events.oldest();
    }

    private boolean isOf(String thisRun) {
        return run == null || run.equals(thisRun);
    }
}
