package blackhole.lab;

import blackhole.client.compare.ComparisonListener;
import blackhole.client.compare.ComparisonReport;
import blackhole.client.compare.NamedRun;
import blackhole.client.compare.Variant;
import blackhole.client.scenario.Burst;
import blackhole.client.scenario.Probe;
import blackhole.client.scenario.Round;
import blackhole.client.scenario.ScenarioListener;
import blackhole.keepalive.TunedSocket;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowEvent.FlowClosed;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import blackhole.middlebox.flow.FlowEvent.SegmentDiscarded;
import blackhole.proxy.api.Labels;
import blackhole.proxy.http.AdminServer;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Prints the demo's progress and its results. Thread-safe. */
final class DemoStory implements ComparisonListener {
    private static final int BAR = 24;
    private static final Duration LONGEST_STAY = Duration.ofMinutes(1);

    private final PrintStream out;
    private final long start = System.nanoTime();
    private final Map<Integer, String> nameOfPort = new ConcurrentHashMap<>();
    private final Map<Long, Integer> portOfFlow = new ConcurrentHashMap<>();
    private final CountDownLatch underWay;
    private volatile @Nullable Labels labels;

    DemoStory(PrintStream out, List<Variant> variants) {
        this.out = out;
        underWay = new CountDownLatch(variants.size());
        introduce(variants);
    }

    private void introduce(List<Variant> variants) {
        String differences = variants.stream()
                .map(variant -> "  " + variant.name() + ": " + variant.socketOptions())
                .collect(Collectors.joining("\n"));
        out.printf("""

                A NAT expires an idle TCP connection without closing it.

                Three Kafka producers send a few messages, stay idle for %s, and send one more. The proxy between them
                and the broker expires flows that are idle for %s: from then on it drops their packets without an
                acknowledgement. The producers differ only in their socket options:
                %s

                """, seconds(Demo.IDLE), seconds(Demo.IDLE_TIMEOUT), differences);
    }

    synchronized void started(Lab lab, AdminServer page) {
        labels = page.labels();
        print("Apache Kafka at %s, the proxy at %s", lab.directBootstrap(), lab.bootstrap());
        print("watch it live: http://%s/", page.endpoint());
    }

    void finished() {
        out.printf("To keep the live page open after the demo: mvn -Pdemo -Dhold%n%n");
    }

    void holding(AdminServer page) {
        out.printf(
                "The live page stays open at http://%s/ until you press Ctrl-C. The broker has one topic, demo, and%n"
                        + "creates no others by itself; give blackhole-client --create-topic.%n%n",
                page.endpoint());
    }

    /** Labels the producer's lanes of the live page with its state. */
    private void label(Variant variant, String doing) {
        Labels shown = labels;
        if (shown != null) {
            portOfFlow.forEach((flow, port) -> {
                if (variant.name().equals(nameOfPort.get(port))) {
                    shown.put(flow, variant.name() + ": " + doing);
                }
            });
        }
    }

    /** Call this on a thread of its own: an event loop must not wait for a terminal. */
    void onEvent(FlowEvent event) {
        if (event instanceof FlowOpened opened) {
            portOfFlow.put(opened.flowId(), opened.client().getPort());
        } else if (event instanceof FlowClosed) {
            portOfFlow.remove(event.flowId());
        } else if (event instanceof FlowExpired expired) {
            String name = nameOfPort.get(portOfFlow.get(expired.flowId()));
            if (name != null) {
                print("%-17s  the proxy expires one of its flows, idle for %s", name, seconds(expired.idle()));
            }
        }
    }

    private synchronized void print(String format, Object... arguments) {
        String at = String.format(Locale.ROOT, "%6.1f s  ", (System.nanoTime() - start) / 1e9);
        out.println(at + String.format(Locale.ROOT, format, arguments));
    }

    @Override
    public ScenarioListener listener(Variant variant) {
        return new ScenarioListener() {
            @Override
            public void opened(TunedSocket socket) {
                nameOfPort.put(socket.local().getPort(), variant.name());
            }

            @Override
            public void burstDone(Burst burst) {
                label(variant, "idle for " + seconds(Demo.IDLE));
                print(
                        "%-17s  %d messages acknowledged; now idle for %s",
                        variant.name(), burst.messages(), seconds(Demo.IDLE));
            }

            @Override
            public void waiting(int partition, Duration elapsed) {
                label(variant, "waiting " + seconds(elapsed));
                print("%-17s  first message after the idle time: waiting, %s", variant.name(), seconds(elapsed));
            }

            @Override
            public void probeDone(Probe probe) {
                String outcome = (probe.error() == null ? "acknowledged" : "not delivered")
                        + (probe.opened().isEmpty() ? "" : " on a new connection");
                String what = probe.verdict() + " " + seconds(probe.elapsed()) + ", " + outcome;
                label(variant, what);
                print("%-17s  first message after the idle time: %s", variant.name(), what);
            }

            @Override
            public void roundDone(Round round) {
                underWay.countDown();
                if (variant.socketOptions().keepAlive()) {
                    waitForTheOthers();
                }
            }
        };
    }

    /** The producer with keepalive keeps its flows open, so that the live page shows them next to the expired ones. */
    private void waitForTheOthers() {
        try {
            underWay.await(LONGEST_STAY.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void done(Variant variant, NamedRun result) {
        if (result.failure() != null) {
            underWay.countDown();
        }
    }

    synchronized void conclude(ComparisonReport report, WatchedProxy proxy) {
        List<DemoOutcome> outcomes = report.variants().stream()
                .map(run -> DemoOutcome.of(run, proxy))
                .toList();
        long slowest = outcomes.stream()
                .mapToLong(outcome -> outcome.probe().elapsed().toMillis())
                .max()
                .orElse(1);
        out.println();
        row("scenario", "verdict", "first ack", "");
        for (DemoOutcome outcome : outcomes) {
            Duration elapsed = outcome.probe().elapsed();
            int bar = (int) Math.max(1, BAR * elapsed.toMillis() / slowest);
            row(outcome.run().name(), outcome.probe().verdict(), seconds(elapsed), "█".repeat(bar));
            out.printf("%-17s  %s%n", "", discarded(outcome.discarded()));
        }
        out.printf("""

                The stall takes about twice the request timeout (%s). After the first timeout the producer closes its
                connection to the node and requests metadata on the bootstrap connection, which the proxy has expired as
                well, so it waits for another timeout. A user timeout can be waited for twice in the same way.

                In production: set TCP keepalive on the client's sockets with an idle time below the middlebox's idle
                timeout (for 300 s: idle 37 s, interval 9 s, count 3), and TCP_USER_TIMEOUT (20 s, below the request
                timeout) to fail fast if a flow expires anyway.

                """, seconds(Demo.REQUEST_TIMEOUT));
        outcomes.stream()
                .filter(outcome -> !outcome.run().isAsExpected())
                .forEach(outcome -> out.printf(
                        "Unexpected: %s was %s, expected %s.%n",
                        outcome.run().name(),
                        outcome.probe().verdict(),
                        outcome.run().expected().verdict()));
    }

    void outputFiles(Path reportFile, Path recording) {
        out.printf("""
                Report with the timeline of every socket: %s

                To replay it on the live page, without a broker:

                    java -jar proxy/target/blackhole-proxy.jar replay %s --admin 8080

                """, reportFile, recording);
    }

    private void row(String scenario, Object verdict, String firstAck, String bar) {
        out.printf("%-17s  %-9s  %10s  %s%n", scenario, verdict, firstAck, bar);
    }

    private static String discarded(List<SegmentDiscarded> segments) {
        if (segments.isEmpty()) {
            return "no segment discarded: the flow never expired";
        }
        String gaps = segments.stream()
                .flatMap(segment -> Stream.ofNullable(segment.gap()))
                .map(gap -> String.format(Locale.ROOT, "%.1f", gap.toMillis() / 1e3))
                .collect(Collectors.joining("  "));
        return segments.size() + " segments discarded, " + gaps + " s apart";
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, time.toMillis() % 1000 == 0 ? "%.0f s" : "%.2f s", time.toMillis() / 1e3);
    }
}
