package blackhole.lab;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.PullImageResultCallback;
import com.github.dockerjava.api.exception.NotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.testcontainers.DockerClientFactory;

/** Whether containers can be used here. */
public final class Docker {

    private static final List<String> THIS_MACHINE = List.of("localhost", "127.0.0.1", "::1");

    private static final Duration PULL_LIMIT = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(Docker.class);

    private static final Map<String, Optional<String>> MISSING_IMAGES = new ConcurrentHashMap<>();

    private Docker() {}

    /**
     * Returns why the image can't be used here; empty if it can. Pulls it if it isn't present, which may take up to 30 s
     * and is tried once for each image.
     */
    public static Optional<String> reasonItIsMissing(String image) {
        Optional<String> noDocker = reasonItIsMissing();
        return noDocker.isPresent() ? noDocker : MISSING_IMAGES.computeIfAbsent(image, Docker::reasonItCannotBePulled);
    }

    private static Optional<String> reasonItCannotBePulled(String image) {
        DockerClient client = DockerClientFactory.lazyClient();
        String reason = "the image " + image + " is not here, and pulling it ";
        try {
            client.inspectImageCmd(image).exec();
            return Optional.empty();
        } catch (NotFoundException absent) {
            LOG.info("pulling {}, for up to {} s", image, PULL_LIMIT.toSeconds());
        }
        try (PullImageResultCallback pull = client.pullImageCmd(image).exec(new PullImageResultCallback())) {
            boolean isDone = pull.awaitCompletion(PULL_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            return isDone ? Optional.empty() : Optional.of(reason + "takes more than " + PULL_LIMIT.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of(reason + "was interrupted");
        } catch (IOException | RuntimeException e) {
            return Optional.of(reason + "failed: " + e.getMessage());
        }
    }

    /**
     * Why no container can be started here, in words for the report of a skipped test.
     *
     * <p>Asks the Docker engine that Testcontainers finds; the first call may take a second, and Testcontainers logs what
     * it tried under {@code org.testcontainers.dockerclient}. Later calls answer from memory.
     *
     * @return the reason, or empty when containers work
     */
    public static Optional<String> reasonItIsMissing() {
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
