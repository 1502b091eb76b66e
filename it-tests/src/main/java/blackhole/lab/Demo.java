package blackhole.lab;

import blackhole.client.scenario.Scenario;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.scenario.Verdict;
import blackhole.client.socket.SocketOptions;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The incident and its two fixes on one machine in under a minute: a broker, a proxy that forgets flows after 3 s, and
 * three producers behind it that fall silent for 5 s at the same time. Run by {@code mvn -Pdemo}.
 */
public final class Demo {
    static final Duration IDLE_TIMEOUT = Duration.ofSeconds(3);
    static final Duration IDLE = Duration.ofSeconds(5);
    static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

    /** One producer of the demo, and what is to become of it. */
    record Variant(String name, String topic, SocketOptions socketOptions, Verdict expected) {}

    private static final List<Variant> VARIANTS = List.of(
            new Variant("keepalive off", "keepalive-off", SocketOptions.OFF, Verdict.STALLED),
            new Variant(
                    "keepalive on (1 s, 1 s, 3)",
                    "keepalive-on",
                    SocketOptions.keepAlive(Duration.ofSeconds(1), Duration.ofSeconds(1), 3),
                    Verdict.IMMEDIATE),
            new Variant(
                    "user timeout 2 s only",
                    "user-timeout",
                    SocketOptions.OFF.withUserTimeout(Duration.ofSeconds(2)),
                    Verdict.RECOVERED));

    private Demo() {}

    /** Exits with 0 when the three verdicts are as expected, and with 1 otherwise. */
    public static void main(String[] arguments) throws InterruptedException, ExecutionException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.exit(play(out) ? 0 : 1);
    }

    private static boolean play(PrintStream out) throws InterruptedException, ExecutionException {
        DemoStory story = new DemoStory(out);
        story.introduce(VARIANTS);
        List<DemoOutcome> outcomes;
        ExecutorService printer = Executors.newSingleThreadExecutor();
        try (Lab lab = Lab.builder()
                .idleTimeout(IDLE_TIMEOUT)
                .proxy(proxy -> proxy.listener(event -> printer.execute(() -> story.onEvent(event))))
                .start()) {
            VARIANTS.forEach(variant -> lab.topics().create(variant.topic(), 1));
            story.started(lab);
            outcomes = playAtOnce(lab, story);
        } finally {
            printer.shutdown();
        }
        story.conclude(outcomes);
        return outcomes.stream().allMatch(DemoOutcome::isAsExpected);
    }

    private static List<DemoOutcome> playAtOnce(Lab lab, DemoStory story)
            throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(VARIANTS.size());
        try {
            List<Future<DemoOutcome>> playing = new ArrayList<>();
            for (Variant variant : VARIANTS) {
                playing.add(threads.submit(() -> play(variant, lab, story)));
            }
            List<DemoOutcome> outcomes = new ArrayList<>();
            for (Future<DemoOutcome> future : playing) {
                outcomes.add(future.get());
            }
            return outcomes;
        } finally {
            threads.shutdownNow();
        }
    }

    private static DemoOutcome play(Variant variant, Lab lab, DemoStory story) throws InterruptedException {
        ScenarioSettings settings = ScenarioSettings.builder(lab.bootstrap(), variant.topic())
                .burstSize(20)
                .idle(IDLE)
                .socketOptions(variant.socketOptions())
                .requestTimeout(REQUEST_TIMEOUT)
                .build();
        return DemoOutcome.of(variant, Scenario.run(settings, story.of(variant)), lab.proxy());
    }
}
