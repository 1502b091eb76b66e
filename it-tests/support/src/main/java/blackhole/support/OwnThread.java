package blackhole.support;

import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/**
 * What may block in a test, on a thread of its own: on two processors the pool that {@code CompletableFuture} uses by itself has
 * one thread for all, from JDK 25 on.
 */
public final class OwnThread {
    private OwnThread() {}

    /** Like {@link Runnable}, and may fail. */
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
