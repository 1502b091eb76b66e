package blackhole.proxy.cli;

import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;

/** Keeps the process running until SIGTERM or SIGINT, such as by Ctrl-C, and then ends it with an exit code. */
public final class UntilSignal {
    private UntilSignal() {}

    /**
     * Never returns normally.
     *
     * @param exitCode of this process; 1 when a step has failed
     * @param cleanUp its steps run one after the other on a thread of their own once a signal has come, each even when one
     *     before it has failed; then that one's stack trace is printed
     */
    public static void run(int exitCode, Runnable... cleanUp) throws InterruptedException {
        // The JVM would exit with 128 + signal; halting is the one way for a hook to set the exit code.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> Runtime.getRuntime()
                                .halt(haveSucceeded(cleanUp) ? exitCode : CommandLine.ExitCode.SOFTWARE),
                        "shutdown"));
        new CountDownLatch(1).await();
    }

    private static boolean haveSucceeded(Runnable... steps) {
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
