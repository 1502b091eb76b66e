package blackhole.bench;

import blackhole.lab.EmbeddedKafka;
import blackhole.lab.Topics;
import blackhole.support.ChildProcess;
import blackhole.support.Jdk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What Kafka's own {@code ProducerPerformance} sends to a broker in this process: directly, and through each proxy, whose
 * address a listener of its own advertises.
 */
record KafkaProduce(Path directory, boolean quick) implements Measure {
    /** A class path with the tool, which the script makes with Maven; the tool's version need not be the broker's. */
    static final String TOOL = System.getProperty("bench.kafkaTools", "");

    private static final int RECORD = 1000;
    private static final String TOPIC = "bench";
    private static final Pattern SUMMARY =
            Pattern.compile("records sent, ([0-9.]+) records/sec \\(.* MB/sec\\).* ([0-9]+) ms 99th");

    /** A broker with this many listeners; nothing listens behind them until it starts, as it advertises their proxies. */
    static EmbeddedKafka broker(int listeners) {
        return EmbeddedKafka.builder()
                .proxiedListeners(listeners)
                .setting("log.segment.bytes", "67108864")
                .setting("log.retention.bytes", "134217728")
                .setting("log.retention.check.interval.ms", "2000")
                .setting("log.segment.delete.delay.ms", "1000")
                .reserve();
    }

    static void start(EmbeddedKafka broker, List<Contender.Running> running) {
        broker.start(running.stream()
                .map(contender -> Ports.at(contender.ports().get(0)))
                .toList());
        new Topics(broker.directBootstrap()).create(TOPIC, 1);
    }

    @Override
    public int warmUpRoundsOfJvm() {
        return 1;
    }

    @Override
    public void run(Contender.Running contender, Recorder recorder) throws Exception {
        // As fast as it goes for throughput; a tenth of that for the latency of a producer that does not queue.
        MatchResult full = perfTool(contender, quick ? 50_000 : 500_000, -1);
        MatchResult calm = perfTool(contender, quick ? 5_000 : 20_000, 5_000);
        recorder.more("Kafka produce, 1 kB records", "MB/s", Double.parseDouble(full.group(1)) * RECORD / 1e6);
        recorder.less("Kafka produce p99, 5,000 records a second", "ms", Double.parseDouble(calm.group(2)));
    }

    private MatchResult perfTool(Contender.Running contender, int records, int throughput) throws Exception {
        String arguments = "--topic %s --num-records %d --record-size %d --throughput %d --producer-props"
                        .formatted(TOPIC, records, RECORD, throughput)
                + " bootstrap.servers=127.0.0.1:" + contender.ports().get(0) + " linger.ms=5 batch.size=65536 acks=1";
        List<String> command =
                new ArrayList<>(List.of(Jdk.own().java(), "-cp", TOOL, "org.apache.kafka.tools.ProducerPerformance"));
        command.addAll(List.of(arguments.split(" ")));
        try (ChildProcess tool = ChildProcess.in(directory).start(command)) {
            tool.awaitExit(Duration.ofMinutes(2));
            return SUMMARY.matcher(tool.output())
                    .results()
                    .reduce((first, last) -> last)
                    .orElseThrow(
                            () -> new IllegalStateException("ProducerPerformance gave no figures:\n" + tool.output()));
        }
    }
}
