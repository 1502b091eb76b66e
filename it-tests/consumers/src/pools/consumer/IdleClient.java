package consumer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import blackhole.junit.BlackholeExtension;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What the tests of all clients have in common: a request, an idle time, and a second request. */
final class IdleClient {
    static final Duration IDLE_TIMEOUT = Duration.ofSeconds(2);
    static final Duration SHORT = Duration.ofMillis(1500);
    static final Duration LONG = Duration.ofSeconds(20);

    private IdleClient() {}

    /** Returns whether the request succeeds within the time; one that goes on for longer is abandoned. */
    static boolean answers(Callable<?> request, Duration within) throws Exception {
        CompletableFuture<?> answer = CompletableFuture.supplyAsync(() -> call(request), task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            thread.start();
        });
        try {
            answer.get(within.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException hangs) {
            return false;
        } catch (ExecutionException e) {
            throw (Exception) e.getCause();
        }
    }

    static void assertHangsAfterExpiry(BlackholeExtension nat, Callable<?> request) throws Exception {
        assertTrue(answers(request, LONG));

        nat.awaitExpired(LONG);

        assertTrue(!answers(request, SHORT), "the idle connection was alive");
        nat.awaitDiscarded(1, LONG);
    }

    /** The connection survives three idle timeouts. */
    static void assertIsKeptAlive(BlackholeExtension nat, Duration idleTimeout, Callable<?> request) throws Exception {
        assertTrue(answers(request, LONG));

        Thread.sleep(idleTimeout.multipliedBy(3).toMillis());

        assertTrue(answers(request, SHORT), "the idle connection hung");
        assertTrue(nat.events().stream().noneMatch(FlowExpired.class::isInstance), nat::report);
    }

    /** The client closes the connection before it expires, and opens another one. */
    static void assertIsReplaced(Callable<?> request) throws Exception {
        assertTrue(answers(request, LONG));

        Thread.sleep(IDLE_TIMEOUT.multipliedBy(2).toMillis());

        assertTrue(answers(request, SHORT), "the idle connection hung");
    }

    private static Object call(Callable<?> request) {
        try {
            return request.call();
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }
}
