package blackhole.proxy.cli;

import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;

/** Keeps the process running until SIGTERM or SIGINT (Ctrl-C), then ends it with an exit code. */
public final class UntilSignal {
    private UntilSignal() {}

    /**
     * Never returns normally.
     *
     * @param exitCode of the process; 1 if a step fails
     * @param cleanUp steps that run one after the other on the shutdown thread; a failed one prints its stack trace and
     *     doesn't keep the next from running
     */
    public static void run(int exitCode, Runnable... cleanUp) throws InterruptedException {
        // The JVM would exit with 128 + signal; only halting lets a hook set the exit code.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> Runtime.getRuntime().halt(runAll(cleanUp) ? exitCode : CommandLine.ExitCode.SOFTWARE),
                        "shutdown"));
        new CountDownLatch(1).await();
    }

    private static boolean runAll(Runnable... steps) {
        boolean succeeded = true;
        for (Runnable step : steps) {
            try {
                step.run();
            } catch (RuntimeException | Error e) {
                succeeded = false;
                e.printStackTrace();
            }
        }
        return succeeded;
    }
}
