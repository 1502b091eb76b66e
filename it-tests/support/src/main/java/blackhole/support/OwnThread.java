package blackhole.support;

import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/**
 * Runs what may block on a thread of its own: from JDK 25 on, the default pool of {@code CompletableFuture} has a single
 * thread on two processors.
 */
public final class OwnThread {
    private OwnThread() {}

    /** A {@link Runnable} that may fail. */
    public interface Action {
        void run() throws Exception;
    }

    public static Future<Void> run(Action action) {
        return call(() -> {
            action.run();
            return null;
        });
    }

    public static <T> Future<T> call(Callable<T> task) {
        FutureTask<T> result = new FutureTask<>(task);
        Thread thread = new Thread(result, "test");
        thread.setDaemon(true);
        thread.start();
        return result;
    }
}
