package blackhole.lab;

import java.util.List;
import java.util.Optional;
import org.testcontainers.DockerClientFactory;

/** Whether containers can be used here. */
public final class Docker {

    private static final List<String> THIS_MACHINE = List.of("localhost", "127.0.0.1", "::1");

    private Docker() {}

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
