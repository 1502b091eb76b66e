package blackhole.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.EventLoopGroup;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * The time from a request of 128 bytes to the last byte of its answer, when each connection sends its next request at
 * once. Client and server run on one event loop each.
 */
record RequestResponse(EventLoopGroup loop, int connections, double seconds) implements Measure {
    private static final int SIZE = 128;
    private static final long WARM_UP = TimeUnit.MILLISECONDS.toNanos(200);

    @Override
    public void run(Contender.Running contender, Recorder recorder) throws Exception {
        double cpuBefore = contender.cpuSeconds();
        Histogram times = measure(contender.ports().get(Servers.ECHO));
        String row = ", " + Measure.connections(connections);
        for (String percentile : List.of("50", "99", "99.9")) {
            recorder.less(
                    "request–response p" + percentile + row,
                    "µs",
                    times.getValueAtPercentile(Double.parseDouble(percentile)) / 1e3);
        }
        recorder.more("requests a second" + row, "1/s", times.getTotalCount() / seconds);
        if (!contender.processes().isEmpty()) {
            double cpu = contender.cpuSeconds() - cpuBefore;
            recorder.less(
                    "CPU a request" + row, "µs", cpu / (times.getTotalCount() * (1 + WARM_UP / 1e9 / seconds)) * 1e6);
        }
    }

    private Histogram measure(int port) throws InterruptedException {
        Run run = new Run(connections, seconds);
        Bootstrap bootstrap = Requester.bootstrap(loop, () -> run.new OneAfterTheOther());
        for (int i = 0; i < connections; i++) {
            bootstrap.connect(Ports.at(port)).syncUninterruptibly();
        }
        if (!run.closed.await(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("a request was not answered");
        }
        if (run.broken > 0) {
            throw new IllegalStateException(run.broken + " connections broke");
        }
        return run.times;
    }

    /** What the requesters share, on their event loop. */
    private static final class Run {
        final long begin = System.nanoTime() + WARM_UP;
        final long end;
        final Histogram times = new Histogram(3);
        final CountDownLatch closed;
        int broken;

        Run(int connections, double seconds) {
            end = begin + (long) (seconds * 1e9);
            closed = new CountDownLatch(connections);
        }

        private final class OneAfterTheOther extends Requester {
            OneAfterTheOther() {
                super(SIZE);
            }

            @Override
            boolean answered(long sentAt) {
                long now = System.nanoTime();
                if (sentAt >= begin) {
                    times.recordValue(now - sentAt);
                }
                return now < end;
            }

            @Override
            void closed(boolean isBroken) {
                broken += isBroken ? 1 : 0;
                closed.countDown();
            }
        }
    }
}
