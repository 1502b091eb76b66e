package blackhole.proxy.cli;

import java.util.concurrent.CountDownLatch;

/** Keeps the process running until SIGTERM or SIGINT, such as by Ctrl-C, and then ends it with an exit code. */
public final class UntilSignal {
    private UntilSignal() {}

    /**
     * Never returns normally.
     *
     * @param exitCode of this process
     * @param cleanUp runs on a thread of its own once a signal has come
     */
    public static void run(int exitCode, Runnable cleanUp) throws InterruptedException {
        // The JVM would exit with 128 + signal; halting is the one way for a hook to set the exit code.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            cleanUp.run();
                            Runtime.getRuntime().halt(exitCode);
                        },
                        "shutdown"));
        new CountDownLatch(1).await();
    }
}
