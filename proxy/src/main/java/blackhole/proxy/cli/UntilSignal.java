package blackhole.proxy.cli;

import java.util.concurrent.CountDownLatch;

/** Keeps the process running until SIGTERM or SIGINT, and then ends it with exit code 0. */
final class UntilSignal {
    private UntilSignal() {}

    /** Never returns normally. {@code cleanUp} runs on a thread of its own once a signal has come. */
    static void run(Runnable cleanUp) throws InterruptedException {
        // The JVM would exit with 128 + signal; halting is the one way for a hook to set the exit code.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            cleanUp.run();
                            Runtime.getRuntime().halt(0);
                        },
                        "shutdown"));
        new CountDownLatch(1).await();
    }
}
