package blackhole.client.compare;

import blackhole.client.evidence.Times;
import blackhole.client.scenario.ScenarioException;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.scenario.Verdict;
import blackhole.keepalive.SocketOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one of several producers has that the others don't.
 *
 * @param name short, and another for each variant of a comparison
 * @param about what it changes, in a few words
 * @param socketOptions for its connections
 * @param refresherEvery how often its refresher asks for metadata; empty for no refresher
 * @param producerProperties settings of kafka-clients, over those that all variants share
 * @param expectation how it is found which verdict it should have
 */
public record Variant(
        String name,
        String about,
        SocketOptions socketOptions,
        Optional<Duration> refresherEvery,
        Map<String, String> producerProperties,
        Expectation expectation) {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration SHORTEST_USER_TIMEOUT = Duration.ofSeconds(2);

    /** A broker on a busy machine must still answer within it. */
    private static final Duration SHORTEST_WAKE = Duration.ofMillis(750);

    /** @throws ScenarioException if it has no name */
    public Variant {
        if (name.isBlank()) {
            throw new ScenarioException("a variant needs a name");
        }
        producerProperties = Map.copyOf(producerProperties);
    }

    /**
     * The five that a comparison has by itself, with the timers that the incident's fix has behind a middlebox of 300 s,
     * scaled to another: keepalive off; keepalive on, first probe after an eighth of the idle timeout; user timeout only, a
     * fifteenth and at least 2 s; refresher on, three times within the idle timeout and at least every 10 s;
     * {@code connections.max.idle.ms} at half of it.
     *
     * <p>The last also lowers {@code request.timeout.ms} to a sixth of the idle timeout, at most 30 s, because kafka-clients looks for
     * idle connections only when its network loop wakes, which in silence is after a request timeout.
     *
     * @param idleTimeout of the middlebox
     * @throws ScenarioException if it is under 3 s: keepalive can't be faster than once a second
     */
    public static List<Variant> defaults(Duration idleTimeout) {
        if (idleTimeout.compareTo(Duration.ofSeconds(3)) < 0) {
            throw new ScenarioException(
                    "--box-idle-timeout must be at least 3s: the kernel's keepalive timers are whole"
                            + " seconds, and the first keepalive probe must come well before the middlebox expires");
        }
        Duration keepAliveIdle = wholeSeconds(idleTimeout.dividedBy(8));
        Duration keepAliveInterval = wholeSeconds(idleTimeout.dividedBy(32));
        Duration userTimeout = Times.longer(SHORTEST_USER_TIMEOUT, idleTimeout.dividedBy(15));
        // Not a third: a silence of three refreshes would be as long as the idle timeout, and tell nothing.
        Duration refresher = Times.shorter(
                ScenarioSettings.REFRESH_EVERY, idleTimeout.multipliedBy(2).dividedBy(7));
        String maxIdle = Long.toString(idleTimeout.dividedBy(2).toMillis());
        Duration wake = Times.shorter(Duration.ofSeconds(30), Times.longer(SHORTEST_WAKE, idleTimeout.dividedBy(6)));
        return List.of(
                new Variant(
                        "keepalive off",
                        "keepalive off, no user timeout; Kafka's default, on with a first keepalive probe after 2 h, comes to the"
                                + " same",
                        SocketOptions.OFF,
                        Optional.empty(),
                        Map.of(),
                        always(Verdict.STALLED, "nothing goes out while it is idle, so the flow expires")),
                new Variant(
                        "keepalive on",
                        "TCP keepalive faster than the middlebox expires",
                        SocketOptions.keepAlive(keepAliveIdle, keepAliveInterval, 3),
                        Optional.empty(),
                        Map.of(),
                        always(Verdict.IMMEDIATE, "keepalive probes on every connection are traffic in time")),
                new Variant(
                        "user timeout only",
                        "TCP_USER_TIMEOUT without keepalive",
                        SocketOptions.OFF.withUserTimeout(userTimeout),
                        Optional.empty(),
                        Map.of(),
                        always(
                                Verdict.RECOVERED,
                                "the flow expires, and the kernel ends the connection before the request timeout does")),
                new Variant(
                        "refresher",
                        "a metadata request now and then, each on a connection that the producer chooses",
                        SocketOptions.OFF,
                        Optional.of(refresher),
                        Map.of(),
                        new Expectation.BySilence(idleTimeout)),
                new Variant(
                        "max idle",
                        "connections.max.idle.ms below the idle timeout: the producer closes what is idle itself;"
                                + " request.timeout.ms is " + Times.text(wake)
                                + ", whatever the others have, because it looks for"
                                + " idle connections only that often",
                        SocketOptions.OFF,
                        Optional.empty(),
                        Map.of(
                                "connections.max.idle.ms",
                                maxIdle,
                                "request.timeout.ms",
                                Long.toString(wake.toMillis())),
                        always(
                                Verdict.IMMEDIATE,
                                "the probe goes out on a new connection, which no middlebox has expired")));
    }

    /**
     * What to play for this variant.
     *
     * @param base what all variants have in common
     * @throws ScenarioException if kafka-clients would refuse it; the message names the variant
     */
    public ScenarioSettings over(ScenarioSettings base) {
        ScenarioSettings.Builder builder = ScenarioSettings.builder(base.bootstrapServers(), base.topic())
                .burstSize(base.burstSize())
                .idle(base.idle())
                .repeats(base.repeats())
                .pause(base.pause())
                .refresher(refresherEvery.isPresent())
                .refresherEvery(refresherEvery.orElse(base.refresherEvery()))
                .socketOptions(socketOptions)
                .producerProperties(base.producerProperties())
                // One name each, or the second producer's metrics would be refused by the JVM.
                .producerProperty("client.id", "blackhole-client-" + name.replaceAll("[^A-Za-z0-9]+", "-"))
                .producerProperties(producerProperties)
                .lookupTimeout(base.lookupTimeout())
                .seed(base.seed());
        try {
            return builder.build();
        } catch (ScenarioException e) {
            throw new ScenarioException("variant \"" + name + "\": " + e.getMessage(), e);
        }
    }

    private static Expectation always(Verdict verdict, String because) {
        return new Expectation.Fixed(Expected.of(verdict, because));
    }

    private static Duration wholeSeconds(Duration time) {
        return Times.longer(SECOND, Duration.ofSeconds(time.toSeconds()));
    }
}
