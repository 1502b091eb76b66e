package blackhole.lab;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.PullImageResultCallback;
import com.github.dockerjava.api.exception.NotFoundException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.testcontainers.DockerClientFactory;

/** Whether containers can be used here. */
public final class Docker {

    private static final List<String> THIS_MACHINE = List.of("localhost", "127.0.0.1", "::1");

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(Docker.class);

    private static final Map<String, CompletableFuture<Optional<String>>> REASONS = new ConcurrentHashMap<>();

    private Docker() {}

    /**
     * Returns why the image can't be used here; empty if it can. Asks the Docker engine, and pulls the image if it isn't
     * present. The first call for an image takes up to 30 s; later calls answer from memory.
     */
    public static Optional<String> reasonItIsMissing(String image) {
        return REASONS.computeIfAbsent(image, Docker::probe).join();
    }

    /** On a thread of its own, because Testcontainers may retry its own images for many minutes. */
    private static CompletableFuture<Optional<String>> probe(String image) {
        Executor ownThread = task -> {
            Thread thread = new Thread(task, "docker-probe");
            thread.setDaemon(true);
            thread.start();
        };
        return CompletableFuture.supplyAsync(
                        () -> reasonItIsMissing().or(() -> reasonItCannotBePulled(image)), ownThread)
                .exceptionally(failure -> Optional.of("the image " + image + " can't be had: " + failure.getMessage()))
                .completeOnTimeout(
                        Optional.of("the image " + image + " can't be had within " + LIMIT.toSeconds() + " s"),
                        LIMIT.toSeconds(),
                        TimeUnit.SECONDS);
    }

    private static Optional<String> reasonItCannotBePulled(String image) {
        DockerClient client = DockerClientFactory.lazyClient();
        try {
            client.inspectImageCmd(image).exec();
        } catch (NotFoundException absent) {
            LOG.info("pulling {}, for up to {} s", image, LIMIT.toSeconds());
            try {
                client.pullImageCmd(image).exec(new PullImageResultCallback()).awaitCompletion();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CompletionException(e);
            }
        }
        return Optional.empty();
    }

    /**
     * Why no container can be started here, in words for the report of a skipped test.
     *
     * <p>Asks the Docker engine that Testcontainers finds; the first call may take a second, and Testcontainers logs what
     * it tried under {@code org.testcontainers.dockerclient}. Later calls answer from memory.
     *
     * @return the reason, or empty when containers work
     */
    private static Optional<String> reasonItIsMissing() {
        DockerClientFactory factory = DockerClientFactory.instance();
        if (!factory.isDockerAvailable()) {
            return Optional.of("no Docker engine answers on this machine");
        }
        String host = factory.dockerHostIpAddress();
        if (!THIS_MACHINE.contains(host)) {
            return Optional.of("the Docker engine runs on " + host
                    + ", where no port can be reserved for a proxy on this machine");
        }
        return Optional.empty();
    }
}
