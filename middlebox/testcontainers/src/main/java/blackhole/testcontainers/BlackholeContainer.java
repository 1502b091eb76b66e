package blackhole.testcontainers;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.ContainerNetwork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/**
 * Puts a middlebox between a test's client and a server in another container.
 *
 * <pre>{@code
 * BlackholeContainer nat = new BlackholeContainer("blackhole-proxy")
 *         .withNetwork(network)
 *         .withProfile("azure-lb")
 *         .withIdleTimeout(Duration.ofSeconds(3))
 *         .withUpstream("postgres:5432");
 * }</pre>
 *
 * <p>The client connects to {@link #address()}, or, if it is a container on the same network, to this container's network
 * alias. What the {@code await} methods count happened since the container started.
 *
 * <p>Configuring it is not thread-safe; once started it is.
 */
public final class BlackholeContainer extends GenericContainer<BlackholeContainer> {
    private static final DockerImageName DEFAULT_IMAGE_NAME = DockerImageName.parse("blackhole-proxy");
    private static final String ANY = "0.0.0.0:";
    private static final int ADMIN_PORT = 8080;
    private static final String TOKEN_FILE = "/blackhole-admin-token";

    /** Leads nowhere; tells which connections end at the proxy. */
    private static final int PATH_PORT = 8079;

    private static final int CONNECT_MILLIS = 1_000;
    private static final Duration PATH_TIMEOUT = Duration.ofSeconds(5);

    private final Map<Integer, String> upstreams = new TreeMap<>();
    private final Map<String, String> options = new TreeMap<>();
    private final String token = UUID.randomUUID().toString();

    private @Nullable AdminClient admin;
    private @Nullable HostAddress direct;

    /** Creates a container of this image, such as {@code blackhole-proxy}; see the Dockerfile of this project. */
    public BlackholeContainer(String image) {
        this(DockerImageName.parse(image));
    }

    /**
     * Creates a container of this image.
     *
     * @throws IllegalStateException if the image is neither {@code blackhole-proxy} nor declared a compatible substitute
     */
    public BlackholeContainer(DockerImageName image) {
        super(image);
        image.assertCompatibleWith(DEFAULT_IMAGE_NAME);
        withExposedPorts(ADMIN_PORT, PATH_PORT);
        withEnv("BLACKHOLE_ADMIN", ANY + ADMIN_PORT);
        withEnv("BLACKHOLE_ADMIN_TOKEN_FILE", TOKEN_FILE);
        withCopyToContainer(Transferable.of(token), TOKEN_FILE);
        waitingFor(Wait.forHealthcheck());
    }

    /** Adds a server behind the middlebox, {@code HOST:PORT} as this container sees it; clients use the same port. */
    public BlackholeContainer withUpstream(String hostAndPort) {
        int colon = hostAndPort.lastIndexOf(':');
        try {
            return withUpstream(Integer.parseInt(hostAndPort.substring(colon + 1)), hostAndPort);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("upstream '" + hostAndPort + "' has no port; use HOST:PORT", e);
        }
    }

    /**
     * Adds a server behind the middlebox.
     *
     * @param port that clients connect to, for servers that have the same port
     * @param hostAndPort of the server as this container sees it; {@code none} for no server
     */
    public BlackholeContainer withUpstream(int port, String hostAndPort) {
        if (port == ADMIN_PORT || port == PATH_PORT) {
            throw new IllegalArgumentException("port " + port
                    + " is used by the proxy itself; use withUpstream(OTHER_PORT, \"" + hostAndPort + "\")");
        }
        String other = upstreams.putIfAbsent(port, hostAndPort);
        if (other != null) {
            throw new IllegalArgumentException(
                    "port " + port + " leads to " + other + "; use withUpstream(OTHER_PORT, \"" + hostAndPort + "\")");
        }
        addExposedPort(port);
        return this;
    }

    /** Starts from the settings of a known device, such as {@code azure-lb}; others called for override them. */
    public BlackholeContainer withProfile(String name) {
        return withSetting("profile", name);
    }

    /** Expires flows after this time without a segment; at least 10 ms. */
    public BlackholeContainer withIdleTimeout(Duration timeout) {
        return withSetting("idle-timeout", timeout.toMillis() + "ms");
    }

    /** Changes any setting: {@code withSetting("on-expiry", "reset-sender")}. A wrong one fails the start. */
    public BlackholeContainer withSetting(String name, String value) {
        options.put(name, value);
        return this;
    }

    @Override
    protected void configure() {
        if (upstreams.isEmpty()) {
            throw new IllegalStateException("no upstream; call withUpstream(\"HOST:PORT\")");
        }
        List<String> command = new ArrayList<>(List.of("--route=" + ANY + PATH_PORT + "=none"));
        upstreams.forEach((port, upstream) -> command.add("--route=" + ANY + port + "=" + upstream));
        options.forEach((name, value) -> command.add("--" + name + "=" + value));
        setCommand(command.toArray(String[]::new));
    }

    @Override
    protected void containerIsStarted(InspectContainerResponse container) {
        admin = new AdminClient(published().ip(), getMappedPort(ADMIN_PORT), token);
        direct = candidates(container).filter(this::isDirect).findFirst().orElse(null);
    }

    /** A way to this container: its own ports, or those published on the host. */
    record HostAddress(String ip, boolean isPublished) {}

    private HostAddress published() {
        try {
            return new HostAddress(InetAddress.getByName(getHost()).getHostAddress(), true);
        } catch (UnknownHostException e) {
            throw new UncheckedIOException("the Docker host's name can't be resolved: " + getHost(), e);
        }
    }

    private InetSocketAddress at(HostAddress host, int port) {
        return new InetSocketAddress(host.ip(), host.isPublished() ? getMappedPort(port) : port);
    }

    /** The container's own addresses, then ports published on the host, where the kernel may forward them. */
    private Stream<HostAddress> candidates(InspectContainerResponse container) {
        List<ContainerNetwork> networks =
                List.copyOf(container.getNetworkSettings().getNetworks().values());
        Stream<HostAddress> own = networks.stream().map(network -> new HostAddress(network.getIpAddress(), false));
        Stream<HostAddress> gateways = networks.stream().map(network -> new HostAddress(network.getGateway(), true));
        return Stream.of(own, Stream.of(published()), gateways)
                .flatMap(hosts -> hosts)
                .filter(host -> host.ip() != null && !host.ip().isEmpty());
    }

    /**
     * Returns whether a TCP connection to the host ends at the proxy: only then does the proxy see its port. Docker's
     * user-space proxy and the virtual machine of Docker Desktop open connections of their own.
     */
    boolean isDirect(HostAddress host) {
        try (Socket socket = new Socket()) {
            socket.connect(at(host, PATH_PORT), CONNECT_MILLIS);
            ContainerEvent opened = awaitEvent("flow-opened", 1, PATH_TIMEOUT);
            boolean isSame = admin().flows().stream()
                    .filter(flow -> flow.id() == opened.flowId())
                    .anyMatch(flow -> String.valueOf(flow.client().peer()).endsWith(":" + socket.getLocalPort()));
            admin().ignoreFlowsUpTo(opened.flowId());
            return isSame;
        } catch (IOException e) {
            return false;
        }
    }

    private AdminClient admin() {
        if (admin == null) {
            throw new IllegalStateException("the container has not started");
        }
        return admin;
    }

    /**
     * Returns the address for a client on this machine, for the only upstream. Every TCP connection to it ends at the
     * middlebox, so the client's kernel sees a flow's silence.
     *
     * @throws IllegalStateException if there is no such address, as with Docker Desktop, or there are several upstreams
     */
    public InetSocketAddress address() {
        return address(onlyPort());
    }

    /**
     * Returns the address for a client on this machine, for one of several upstreams.
     *
     * @param port the upstream's port, or the one given for it
     * @throws IllegalStateException if there is no such address; {@link #mappedAddress(int)} is the alternative
     */
    public InetSocketAddress address(int port) {
        admin();
        if (direct == null) {
            throw new IllegalStateException(
                    "no address of this container leads straight to the middlebox: every TCP connection from this"
                            + " machine ends in Docker's own user-space proxy, which acknowledges what the middlebox discards, so"
                            + " nothing is retransmitted and neither keepalive nor TCP_USER_TIMEOUT takes effect. Run the client"
                            + " in a container on the same network, or run the tests on Linux. To test only timeouts of the"
                            + " application itself, use mappedAddress()");
        }
        return at(direct, requireUpstream(port));
    }

    /** Returns whether {@link #address()} has an address to return. */
    public boolean isHonest() {
        admin();
        return direct != null;
    }

    /**
     * Returns where the only upstream's port is published on the Docker host, usually {@code localhost}. Docker's
     * user-space proxy may acknowledge what the middlebox discards: prefer {@link #address()}.
     */
    public InetSocketAddress mappedAddress() {
        return mappedAddress(onlyPort());
    }

    /** Returns the same for one of several upstreams. */
    public InetSocketAddress mappedAddress(int port) {
        admin();
        if (direct == null) {
            logger().warn(
                            "{} is not honest: Docker's user-space proxy acknowledges what the middlebox discards, so the"
                                    + " client's kernel sees no silence",
                            getHost() + ":" + getMappedPort(requireUpstream(port)));
        }
        return at(published(), requireUpstream(port));
    }

    private int onlyPort() {
        if (upstreams.size() != 1) {
            throw new IllegalStateException("several upstreams; name the port of one: " + upstreams.keySet());
        }
        return upstreams.keySet().iterator().next();
    }

    private int requireUpstream(int port) {
        if (!upstreams.containsKey(port)) {
            throw new IllegalArgumentException("no upstream has port " + port + "; there are " + upstreams.keySet());
        }
        return port;
    }

    /**
     * Expires all tracked flows now, as if they had been idle for the idle timeout.
     *
     * @return their ids
     */
    public List<Long> expire() {
        return admin().command("expire");
    }

    /**
     * Restores all expired flows: what their peers retransmit gets through again.
     *
     * @return their ids
     */
    public List<Long> heal() {
        return admin().command("heal");
    }

    /**
     * Ends all flows by sending RST to both sides.
     *
     * @return their ids
     */
    public List<Long> reset() {
        return admin().command("reset");
    }

    /** Starts an outage, which drops everything including new connections; {@code false} ends it and heals its flows. */
    public void outage(boolean on) {
        admin().outage(on);
    }

    /**
     * Changes settings by their names in the HTTP API: {@code reconfigure(Map.of("idleTimeout", "10s", "maxFlows", 10))}.
     *
     * @throws IllegalArgumentException if a name is unknown or a value is out of range; then nothing changes
     */
    public void reconfigure(Map<String, ? extends @Nullable Object> settings) {
        admin().reconfigure(settings);
    }

    /** Returns the current flow table. */
    public List<ContainerFlow> flows() {
        return admin().flows();
    }

    /** Waits for the first flow. Like all waits, it returns at once if that has already happened. */
    public ContainerEvent awaitOpened(Duration timeout) {
        return awaitEvent("flow-opened", 1, timeout);
    }

    /** Waits until a flow expires, and returns the first such event. */
    public ContainerEvent awaitExpired(Duration timeout) {
        return awaitExpired(1, timeout);
    }

    /** Waits until {@code number} flows have expired, and returns the last of those events. */
    public ContainerEvent awaitExpired(int number, Duration timeout) {
        return awaitEvent("flow-expired", number, timeout);
    }

    /** Waits until {@code number} segments of expired flows have been discarded, and returns the last of those events. */
    public ContainerEvent awaitDiscarded(int number, Duration timeout) {
        return awaitEvent("segment-discarded", number, timeout);
    }

    /** Waits until an expired flow's packet is answered with RST, and returns the first such event. */
    public ContainerEvent awaitResetSent(Duration timeout) {
        return awaitEvent("reset-sent", 1, timeout);
    }

    /** Waits until a flow is healed, and returns the first such event. */
    public ContainerEvent awaitHealed(Duration timeout) {
        return awaitEvent("flow-healed", 1, timeout);
    }

    /** Waits until a flow ends, and returns the first such event. */
    public ContainerEvent awaitClosed(Duration timeout) {
        return awaitEvent("flow-closed", 1, timeout);
    }

    private ContainerEvent awaitEvent(String type, int number, Duration timeout) {
        if (number < 1) {
            throw new IllegalArgumentException("number of events must be at least 1, not " + number);
        }
        List<ContainerEvent> events = admin().firstEvents(type, number, timeout);
        if (events.size() < number) {
            throw new AssertionError(
                    "%d of %d events %s within %s%n%s".formatted(events.size(), number, type, timeout, report()));
        }
        return events.get(number - 1);
    }

    /** Returns the current flows and the proxy's log, which has all events. */
    public String report() {
        StringBuilder report = new StringBuilder();
        flows().forEach(flow -> report.append(flow).append(System.lineSeparator()));
        return report.append(getLogs()).toString();
    }
}
