package blackhole.client.compare;

import blackhole.client.scenario.ScenarioException;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.scenario.Verdict;
import blackhole.keepalive.SocketOptions;
import blackhole.keepalive.Times;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The settings in which one producer of a comparison differs from the others.
 *
 * @param name short; unique within a comparison
 * @param about what it changes, in a few words
 * @param socketOptions for its connections
 * @param refresherEvery how often its refresher asks for metadata; null for no refresher
 * @param producerProperties settings of kafka-clients, over those that all variants share
 * @param expected the verdict it should have
 */
public record Variant(
        String name,
        String about,
        SocketOptions socketOptions,
        @Nullable Duration refresherEvery,
        Map<String, String> producerProperties,
        Expected expected) {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration SHORTEST_USER_TIMEOUT = Duration.ofSeconds(2);

    /** Enough for a broker on a busy machine to answer. */
    private static final Duration SHORTEST_WAKE = Duration.ofMillis(750);

    /** @throws ScenarioException if it has no name */
    public Variant {
        if (name.isBlank()) {
            throw new ScenarioException("a variant needs a name");
        }
    }

    /**
     * Returns the five default variants. Their timers are those of the incident's fix for an idle timeout of 300 s, scaled to
     * the given one: keepalive off; keepalive on, with the first probe after an eighth of it; user timeout only, a fifteenth
     * and at least 2 s; refresher every two sevenths, at most 10 s; {@code connections.max.idle.ms} at half of it.
     *
     * <p>The last variant also lowers {@code request.timeout.ms} to a sixth, at most 30 s, because kafka-clients checks for
     * idle connections only when its network loop wakes up: when idle, after a request timeout.
     *
     * @param idleTimeout of the middlebox
     * @throws ScenarioException if it is under 3 s: keepalive can't be faster than once a second
     */
    public static List<Variant> defaults(Duration idleTimeout) {
        if (idleTimeout.compareTo(Duration.ofSeconds(3)) < 0) {
            throw new ScenarioException(
                    "--box-idle-timeout must be at least 3s: the kernel's keepalive timers are whole"
                            + " seconds, and the first keepalive probe must come well before the idle timeout");
        }
        Duration keepAliveIdle = wholeSeconds(idleTimeout.dividedBy(8));
        Duration keepAliveInterval = wholeSeconds(idleTimeout.dividedBy(32));
        Duration userTimeout = longer(SHORTEST_USER_TIMEOUT, idleTimeout.dividedBy(15));
        Duration refresher = shorter(
                ScenarioSettings.REFRESH_EVERY, idleTimeout.multipliedBy(2).dividedBy(7));
        String maxIdle = Long.toString(idleTimeout.dividedBy(2).toMillis());
        Duration wake = shorter(Duration.ofSeconds(30), longer(SHORTEST_WAKE, idleTimeout.dividedBy(6)));
        return List.of(
                new Variant(
                        "keepalive off",
                        "keepalive off, no user timeout; Kafka's default, a first keepalive probe after 2 h, has the same"
                                + " effect",
                        SocketOptions.OFF,
                        null,
                        Map.of(),
                        new Expected(Verdict.STALLED, "nothing is sent while it is idle, so the flow expires")),
                new Variant(
                        "keepalive on",
                        "TCP keepalive, more frequent than the idle timeout",
                        SocketOptions.keepAlive(keepAliveIdle, keepAliveInterval, 3),
                        null,
                        Map.of(),
                        new Expected(Verdict.IMMEDIATE, "keepalive probes on every connection prevent expiry")),
                new Variant(
                        "user timeout only",
                        "TCP_USER_TIMEOUT without keepalive",
                        SocketOptions.OFF.withUserTimeout(userTimeout),
                        null,
                        Map.of(),
                        new Expected(
                                Verdict.RECOVERED,
                                "the flow expires, and the kernel ends the connection before the request timeout")),
                new Variant(
                        "refresher",
                        "regular metadata requests, each on a connection that the producer chooses",
                        SocketOptions.OFF,
                        refresher,
                        Map.of(),
                        new Expected(null, "each refresh uses one connection, which kafka-clients chooses at random")),
                new Variant(
                        "max idle",
                        "connections.max.idle.ms below the idle timeout: the producer closes idle connections itself;"
                                + " its request.timeout.ms is " + Times.text(wake)
                                + ", because it checks for idle connections only that often",
                        SocketOptions.OFF,
                        null,
                        Map.of(
                                "connections.max.idle.ms",
                                maxIdle,
                                "request.timeout.ms",
                                Long.toString(wake.toMillis())),
                        new Expected(
                                Verdict.IMMEDIATE,
                                "the probe is sent on a new connection, whose flow has not expired")));
    }

    /**
     * Returns the scenario's settings for this variant.
     *
     * @param base settings that all variants share
     * @throws ScenarioException if kafka-clients would reject them; the message names the variant
     */
    public ScenarioSettings over(ScenarioSettings base) {
        try {
            return ScenarioSettings.builder(base.bootstrapServers(), base.topic())
                    .burstSize(base.burstSize())
                    .idle(base.idle())
                    .repeats(base.repeats())
                    .pause(base.pause())
                    .refresher(refresherEvery != null)
                    .refresherEvery(refresherEvery != null ? refresherEvery : base.refresherEvery())
                    .socketOptions(socketOptions)
                    .producerProperties(base.producerProperties())
                    // Unique, or the JVM would refuse to register the second producer's metrics.
                    .producerProperty("client.id", "blackhole-client-" + name.replaceAll("[^A-Za-z0-9]+", "-"))
                    .producerProperties(producerProperties)
                    .seed(base.seed())
                    .build();
        } catch (ScenarioException e) {
            throw new ScenarioException("variant \"" + name + "\": " + e.getMessage(), e);
        }
    }

    private static Duration longer(Duration a, Duration b) {
        return Collections.max(List.of(a, b));
    }

    private static Duration shorter(Duration a, Duration b) {
        return Collections.min(List.of(a, b));
    }

    private static Duration wholeSeconds(Duration time) {
        return longer(SECOND, Duration.ofSeconds(time.toSeconds()));
    }
}
