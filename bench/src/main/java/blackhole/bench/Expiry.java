package blackhole.bench;

import blackhole.support.ChildProcess;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * How late flows expire, whether any does early, and how long the bytes of another flow wait while thousands expire at
 * once. Each flow is sent a byte and then left alone; meanwhile one more flow sends a byte to and fro all the time.
 */
record Expiry(Path directory, Path jar, boolean quick) {
    private static final Duration TIMEOUT = Duration.ofSeconds(6);

    /** A round trip of the flow that is not idle. */
    private record Ping(Instant sentAt, long nanos) {}

    void run(Results results) throws Exception {
        for (int flows : HeldFlows.numbers(quick)) {
            try (Servers servers = new Servers()) {
                measure(servers, flows, results);
            }
        }
    }

    private void measure(Servers servers, int number, Results results) throws Exception {
        Contender proxy = Contender.blackhole(
                "blackhole-expiry",
                jar,
                List.of(),
                "--idle-timeout=" + TIMEOUT.toMillis() + "ms",
                "--max-tombstones=100000",
                "--log-format=json",
                "--verbose");
        List<Ping> pings = new ArrayList<>();
        HeldFlows flows;
        ChildProcess process;
        try (Contender.Running running = proxy.start(directory, servers.echoPorts())) {
            process = running.processes().get(0);
            flows = HeldFlows.open(number, running.ports());
            try (flows;
                    Socket other = new Socket()) {
                other.setTcpNoDelay(true);
                other.connect(Ports.at(running.ports().get(0)));
                flows.touch();
                ping(other, TIMEOUT.plusSeconds(quick ? 1 : 3), pings);
                TimeUnit.SECONDS.sleep(2);
            }
        }
        ProxyLog log = ProxyLog.of(process);
        String row = "%,d flows expire, idle timeout %d s: ".formatted(number, TIMEOUT.toSeconds());
        Measure.Recorder recorder = results.recorder(Contender.BLACKHOLE);
        recorder.less(row + "the idle clock's longest tick", "ms", (double)
                log.longestTick().toMillis());
        report(row, number, log.expiries(), flows, pings, recorder);
    }

    private static void ping(Socket socket, Duration duration, List<Ping> pings) throws Exception {
        long end = System.nanoTime() + duration.toNanos();
        while (System.nanoTime() < end) {
            Instant sentAt = Instant.now();
            long begin = System.nanoTime();
            socket.getOutputStream().write(1);
            if (socket.getInputStream().read() < 0) {
                throw new IllegalStateException("the flow that is not idle was ended");
            }
            pings.add(new Ping(sentAt, System.nanoTime() - begin));
            TimeUnit.MICROSECONDS.sleep(300);
        }
    }

    private static void report(
            String row,
            int number,
            List<ProxyLog.Expiry> expiries,
            HeldFlows flows,
            List<Ping> pings,
            Measure.Recorder recorder) {
        List<ProxyLog.Expiry> ours = expiries.stream()
                .filter(expiry -> flows.touchedAt().containsKey(expiry.leg()))
                .toList();
        if (ours.size() != number) {
            throw new IllegalStateException(
                    ours.size() + " of " + number + " flows expired, of " + expiries.size() + " in the log");
        }
        Histogram lateness = new Histogram(3);
        int early = 0;
        for (ProxyLog.Expiry expiry : ours) {
            lateness.recordValue(Math.max(0, expiry.idle().minus(TIMEOUT).toNanos()));
            Instant due = Objects.requireNonNull(
                            flows.touchedAt().get(expiry.leg()), "ours are those that were touched")
                    .plus(TIMEOUT);
            early += expiry.at().isBefore(due) || expiry.idle().compareTo(TIMEOUT) < 0 ? 1 : 0;
        }
        Comparator<ProxyLog.Expiry> byTime = Comparator.comparing(ProxyLog.Expiry::at);
        Instant first = Collections.min(ours, byTime).at();
        Instant last = Collections.max(ours, byTime).at();
        Histogram calm = new Histogram(3);
        Histogram during = new Histogram(3);
        for (Ping ping : pings) {
            if (ping.sentAt().plusNanos(ping.nanos()).isBefore(first)) {
                calm.recordValue(ping.nanos());
            } else if (!ping.sentAt().isAfter(last)) {
                during.recordValue(ping.nanos());
            }
        }
        recorder.less(row + "expired early", "flows", early);
        recorder.less(row + "lateness p50", "ms", lateness.getValueAtPercentile(50) / 1e6);
        recorder.less(row + "lateness p99", "ms", lateness.getValueAtPercentile(99) / 1e6);
        recorder.less(row + "lateness max", "ms", lateness.getMaxValue() / 1e6);
        recorder.less(
                row + "from the first to the last",
                "ms",
                Duration.between(first, last).toNanos() / 1e6);
        recorder.less(row + "another flow's round trip p99, before", "ms", calm.getValueAtPercentile(99) / 1e6);
        recorder.less(row + "another flow's round trip p99, meanwhile", "ms", during.getValueAtPercentile(99) / 1e6);
        recorder.less(row + "another flow's round trip max, meanwhile", "ms", during.getMaxValue() / 1e6);
    }
}
