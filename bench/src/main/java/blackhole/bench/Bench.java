package blackhole.bench;

import blackhole.lab.EmbeddedKafka;
import blackhole.support.Browser;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** bench/run. */
@Command(
        name = "bench/run",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Compare the proxy with a direct connection, HAProxy, nginx stream and socat.")
final class Bench implements Callable<Integer> {
    private static final int WARM_UP_ROUNDS = 2;

    /** Kafka's perf tool takes its time, so not every proxy is measured with it. */
    private static final List<String> KAFKA_COLUMNS = List.of(Contender.DIRECT, "haproxy", Contender.BLACKHOLE);

    private enum Part {
        BULK,
        LATENCY,
        CONNECTIONS,
        KAFKA,
        IDLE,
        EXPIRY,
        START,
        PAGE
    }

    @Spec
    private CommandSpec spec;

    @Option(names = "--quick", description = "Two short rounds, to check that everything works.")
    private boolean quick;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Measured rounds, after the warm-up (default: 7; with --quick: 2).")
    private @Nullable Integer rounds;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "Length of one bulk measurement (default: 2; with --quick: 1).")
    private @Nullable Integer seconds;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "PART",
            description = "One or more of ${COMPLETION-CANDIDATES} (default: all).")
    private List<Part> parts = List.of(Part.values());

    @Option(names = "--columns", split = ",", paramLabel = "NAME", description = "Only these columns.")
    private @Nullable List<String> columns;

    @Option(
            names = "--also",
            paramLabel = "NAME=JAR[ JVMARG...][ -- OPTION...]",
            description = "Add a column: another jar of this proxy, other JVM arguments or options.")
    private List<String> also = List.of();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Directory for benchmark.json and benchmark.md (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("bench/target");

    private final Path configs = Path.of(System.getProperty("bench.configs", "bench"));
    private final Path proxyJar = Path.of(System.getProperty("bench.proxyJar", "proxy/target/blackhole-proxy.jar"))
            .toAbsolutePath();

    private final Results results = new Results();

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Bench())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Instant begin = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        double loadBefore = load();
        Path directory = Files.createTempDirectory("blackhole-bench-");
        try {
            List<Contender> contenders = contenders();
            relayed(contenders, directory);
            if (parts.contains(Part.KAFKA)) {
                kafka(contenders, directory);
            }
            ownMeasures(contenders, directory);
        } finally {
            Utils.delete(directory.toFile());
        }
        write(begin, loadBefore);
        return 0;
    }

    private List<Contender> contenders() {
        List<Contender> all = new ArrayList<>(Contender.all(configs, proxyJar));
        for (String more : also) {
            String[] nameAndRest = more.split("=", 2);
            if (nameAndRest.length == 1) {
                throw new ParameterException(spec.commandLine(), "--also " + more + ": write NAME=JAR");
            }
            String[] javaAndOptions = nameAndRest[1].split(" -- ", 2);
            List<String> java = List.of(javaAndOptions[0].split(" "));
            String[] options = javaAndOptions.length == 1 ? new String[0] : javaAndOptions[1].split(" ");
            all.add(Contender.blackhole(
                    nameAndRest[0], Path.of(java.get(0)).toAbsolutePath(), java.subList(1, java.size()), options));
        }
        List<Contender> wanted = all.stream()
                .filter(contender -> columns == null
                        || columns.contains(contender.name())
                        || also.stream().anyMatch(more -> more.startsWith(contender.name() + "=")))
                .toList();
        wanted.stream()
                .filter(contender -> !contender.isInstalled())
                .forEach(contender -> say(
                        "no column %s: %s is missing; install the Debian package %s",
                        contender.name(), contender.program(), contender.debianPackage()));
        return wanted.stream().filter(Contender::isInstalled).toList();
    }

    private void relayed(List<Contender> contenders, Path directory) throws Exception {
        List<Measure> measures = new ArrayList<>();
        if (parts.contains(Part.BULK)) {
            for (int connections : List.of(1, 16)) {
                measures.add(new Load.Iperf(connections, false, seconds()));
                measures.add(new Load.Iperf(connections, true, seconds()));
            }
        }
        if (parts.contains(Part.LATENCY)) {
            measures.add(new Load.Redis(1, quick ? 2_000 : 10_000));
            measures.add(new Load.Redis(64, quick ? 10_000 : 100_000));
        }
        if (parts.contains(Part.CONNECTIONS)) {
            measures.add(new Load.Ab(quick ? 500 : 4_000));
        }
        List<String> missing = ToolServers.missing();
        if (measures.isEmpty() || !missing.isEmpty()) {
            missing.forEach(tool -> say("no figures of bulk, latency and connections: %s is missing", tool));
            return;
        }
        try (ToolServers servers = new ToolServers(configs, directory)) {
            inTurn(
                    measures,
                    contenders.stream(),
                    contender -> contender.start(directory, servers.ports()),
                    running -> {});
        }
    }

    private void kafka(List<Contender> contenders, Path directory) throws Exception {
        List<Contender> measured = contenders.stream()
                .filter(contender -> KAFKA_COLUMNS.contains(contender.name()))
                .toList();
        if (KafkaProduce.TOOL.isEmpty()) {
            say("no Kafka figures: bench.kafkaTools is not set");
            return;
        }
        try (EmbeddedKafka broker = KafkaProduce.broker(measured.size())) {
            Iterator<InetSocketAddress> upstreams = broker.upstreams().iterator();
            inTurn(
                    List.of(new KafkaProduce(directory, quick)),
                    measured.stream(),
                    contender ->
                            contender.start(directory, List.of(upstreams.next().getPort())),
                    running -> KafkaProduce.start(broker, running));
        }
    }

    private void inTurn(
            List<Measure> measures,
            Stream<Contender> contenders,
            Function<Contender, Contender.Running> start,
            Consumer<List<Contender.Running>> onStarted)
            throws Exception {
        List<Contender.Running> running = new ArrayList<>();
        try {
            contenders.map(start).forEach(running::add);
            onStarted.accept(running);
            for (Measure measure : measures) {
                inTurn(measure, running);
            }
        } finally {
            running.forEach(Contender.Running::close);
        }
    }

    /** A B C A B C … */
    private void inTurn(Measure measure, List<Contender.Running> running) throws Exception {
        for (int round = -measure.warmUpRoundsOfJvm(); round < rounds(); round++) {
            for (Contender.Running contender : running) {
                if (round < -WARM_UP_ROUNDS && !contender.contender().isJvm()) {
                    continue;
                }
                try {
                    measure.run(contender, round >= 0 ? results.recorder(contender.name()) : (metric, value) -> {});
                } catch (IllegalStateException e) {
                    throw new IllegalStateException(contender.name() + ": " + e.getMessage(), e);
                }
            }
        }
        printNewResults();
    }

    private void ownMeasures(List<Contender> contenders, Path directory) throws Exception {
        if (parts.contains(Part.IDLE)) {
            new IdleFlows(directory, proxyJar, quick).run(results);
            printNewResults();
        }
        if (parts.contains(Part.EXPIRY)) {
            new Expiry(directory, proxyJar, quick).run(results);
            printNewResults();
        }
        if (parts.contains(Part.START)) {
            new StartTime(directory, rounds())
                    .run(contenders.stream().filter(Contender::isJvm).toList(), results);
            printNewResults();
        }
        if (parts.contains(Part.PAGE)) {
            if (Browser.isInstalled()) {
                new PageFrames(directory, rounds()).run(results);
                printNewResults();
            } else {
                say("no live page figures: Chromium is missing; install the Debian package chromium-driver");
            }
        }
    }

    private int rounds() {
        return rounds != null ? rounds : quick ? 2 : 7;
    }

    private int seconds() {
        return seconds != null ? seconds : quick ? 1 : 2;
    }

    private int printed;

    private void printNewResults() {
        List<Metric> metrics = List.copyOf(results.metrics());
        for (; printed < metrics.size(); printed++) {
            Metric metric = metrics.get(printed);
            StringBuilder line = new StringBuilder("%-44s %-5s".formatted(metric.name(), metric.unit()));
            for (String contender : results.contenders()) {
                results.median(metric, contender)
                        .ifPresent(median ->
                                line.append("  ").append(contender).append(' ').append(Report.shortNumber(median)));
            }
            say("%s", line);
        }
    }

    private static void say(String format, Object... arguments) {
        System.out.println(String.format(Locale.ROOT, format, arguments));
    }

    private void write(Instant begin, double loadBefore) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("date", begin.toString());
        facts.put("command", System.getProperty("bench.command", "bench/run"));
        facts.put(
                "machine",
                Runtime.getRuntime().availableProcessors() + " processors, "
                        + Files.readString(Path.of("/proc/meminfo"))
                                .lines()
                                .findFirst()
                                .orElse("")
                                .replaceAll(" +", " ")
                        + ", Linux " + System.getProperty("os.version"));
        facts.put("java", System.getProperty("java.runtime.version"));
        facts.put("rounds", rounds() + " of " + seconds() + " s, after at least one to warm up");
        facts.put("load average before", Double.toString(loadBefore));
        facts.put("duration", Duration.between(begin, Instant.now()).toSeconds() + " s");
        Report report = new Report(results, facts);
        Files.createDirectories(out);
        Files.writeString(out.resolve("benchmark.json"), report.json());
        Files.writeString(out.resolve("benchmark.md"), report.markdown());
        say("%n%s", report.markdown());
        say("written to %s and benchmark.json beside it", out.resolve("benchmark.md"));
    }

    private static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }
}
