package blackhole.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoopGroup;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Connections a second: open, one byte there and back, close; sixteen at a time. */
record ConnectionRate(EventLoopGroup loop, int connections) implements Measure {
    private static final int AT_A_TIME = 16;

    @Override
    public void run(Contender.Running contender, Recorder recorder) throws Exception {
        double cpuBefore = contender.cpuSeconds();
        long begin = System.nanoTime();
        Run run = new Run(this, contender.ports().get(Servers.ECHO));
        loop.next().execute(() -> {
            for (int i = 0; i < AT_A_TIME; i++) {
                run.next();
            }
        });
        if (!run.closed.await(60, TimeUnit.SECONDS) || run.failed > 0) {
            throw new IllegalStateException(run.failed + " connections failed, " + run.closed.getCount() + " left");
        }
        recorder.more("connections opened and closed", "1/s", connections / ((System.nanoTime() - begin) / 1e9));
        if (!contender.processes().isEmpty()) {
            recorder.less("CPU a connection", "µs", (contender.cpuSeconds() - cpuBefore) / connections * 1e6);
        }
    }

    /** One connection runs through much code, and each part of it only once. */
    @Override
    public int warmUpRoundsOfJvm() {
        return 20;
    }

    private static final class Run {
        final CountDownLatch closed;
        private final int port;
        private final Bootstrap bootstrap;
        private int unopened;
        private volatile int failed;

        Run(ConnectionRate rate, int port) {
            this.port = port;
            unopened = rate.connections;
            closed = new CountDownLatch(unopened);
            bootstrap = Requester.bootstrap(rate.loop, OneByte::new);
        }

        /** On the event loop, as all that follows. */
        void next() {
            if (unopened == 0) {
                return;
            }
            unopened--;
            bootstrap.connect(Ports.at(port)).addListener((ChannelFutureListener) connected -> {
                if (!connected.isSuccess()) {
                    ended(true);
                }
            });
        }

        @SuppressWarnings("NonAtomicVolatileUpdate") // Written only on the event loop.
        private void ended(boolean isBroken) {
            failed += isBroken ? 1 : 0;
            closed.countDown();
            next();
        }

        private final class OneByte extends Requester {
            OneByte() {
                super(1);
            }

            @Override
            boolean answered(long sentAt) {
                return false;
            }

            @Override
            void closed(boolean isBroken) {
                ended(isBroken);
            }
        }
    }
}
