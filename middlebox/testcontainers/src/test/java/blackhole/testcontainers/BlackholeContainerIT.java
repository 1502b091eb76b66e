package blackhole.testcontainers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import blackhole.support.Ss;
import blackhole.testcontainers.BlackholeContainer.HostAddress;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.images.builder.ImageFromDockerfile;
import org.testcontainers.utility.DockerImageName;

/** The image of this build, between a client on this machine and a server that listens on the bridge network. */
@Tag("docker")
class BlackholeContainerIT {
    private static final Path ROOT = Path.of(System.getProperty("basedir", ".")).resolve("../..");
    private static final Duration SOON = Duration.ofSeconds(20);

    private static DockerImageName image = DockerImageName.parse("blackhole-proxy");
    private static String bridge = "";

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName(bridge));
    private final BlackholeContainer box = new BlackholeContainer(image)
            .withUpstream(5432, bridge + ":" + server.getLocalPort())
            .withProfile("azure-lb")
            .withIdleTimeout(Duration.ofHours(1));

    BlackholeContainerIT() throws IOException {}

    @BeforeAll
    static void buildImage() throws SocketException {
        // Testcontainers would first try for minutes to pull images of its own, which .ci/with-engine turns off if
        // needed.
        String base = System.getenv("BASE");
        assumeTrue(base != null, "no Docker engine answers with a base image; run .ci/with-engine mvn verify");
        assumeTrue(DockerClientFactory.instance().isDockerAvailable(), "no Docker engine answers on this machine");
        Ss.orSkip();
        NetworkInterface docker = NetworkInterface.getByName("docker0");
        assumeTrue(docker != null, "the Docker engine's bridge docker0 is not on this machine");
        bridge = docker.inetAddresses()
                .filter(Inet4Address.class::isInstance)
                .map(InetAddress::getHostAddress)
                .findFirst()
                .orElseThrow();
        ImageFromDockerfile built = new ImageFromDockerfile("blackhole-proxy-under-test", false)
                .withFileFromPath("Dockerfile", ROOT.resolve("Dockerfile"))
                .withFileFromPath("deploy/health", ROOT.resolve("deploy/health"))
                .withFileFromPath("proxy/target/blackhole-proxy.jar", ROOT.resolve("proxy/target/blackhole-proxy.jar"))
                .withTarget("proxy");
        image = DockerImageName.parse(built.withBuildArg("BASE", base).get())
                .asCompatibleSubstituteFor("blackhole-proxy");
    }

    @AfterEach
    void stop() throws IOException {
        box.stop();
        server.close();
    }

    @Test
    void clientAtItsAddressSeesSilenceUntilTheFlowHeals() throws IOException {
        start();

        try (Socket client = connect(box.address());
                Socket served = server.accept()) {
            client.getOutputStream().write(1);
            assertThat(served.getInputStream().read()).isEqualTo(1);
            assertThat(box.expire()).hasSize(1);
            client.getOutputStream().write(2);
            box.awaitDiscarded(3, SOON);

            assertThat(unacknowledged(client)).isPositive();
            assertThat(backoff(client)).isPositive();
            assertThat(box.flows()).singleElement().satisfies(flow -> {
                assertThat(flow.state()).isEqualTo("blackholed");
                assertThat(flow.expiryCause()).isEqualTo("command");
                assertThat(flow.client().segmentsDiscarded()).isGreaterThanOrEqualTo(3);
            });

            assertThat(box.heal()).hasSize(1);
            assertThat(served.getInputStream().read()).isEqualTo(2);
            box.awaitHealed(SOON);
        }
        box.awaitClosed(SOON);
    }

    @Test
    void dockersOwnProxyAcknowledgesWhatIsDiscardedAndForwardedPortsDoNot() throws IOException {
        start();
        String loopback = InetAddress.getLoopbackAddress().getHostAddress();

        assertThat(box.isDirect(new HostAddress(loopback, true))).isFalse();
        assertThat(box.isDirect(new HostAddress(bridge, true))).isTrue();
        try (Socket deceived = connect(new InetSocketAddress(loopback, box.getMappedPort(5432)));
                Socket first = server.accept();
                Socket honest = connect(new InetSocketAddress(bridge, box.getMappedPort(5432)));
                Socket second = server.accept()) {
            deceived.getOutputStream().write(1);
            honest.getOutputStream().write(1);
            assertThat(first.getInputStream().read()).isEqualTo(1);
            assertThat(second.getInputStream().read()).isEqualTo(1);
            assertThat(box.expire()).hasSize(2);
            deceived.getOutputStream().write(2);
            honest.getOutputStream().write(2);
            await().atMost(SOON).until(() -> box.flows().stream()
                    .allMatch(flow -> flow.client().segmentsDiscarded() >= 3));

            assertThat(unacknowledged(deceived)).isZero();
            assertThat(backoff(deceived)).isZero();
            assertThat(unacknowledged(honest)).isPositive();
            assertThat(backoff(honest)).isPositive();
        }
    }

    @Test
    void idleFlowExpiresAndAWaitThatTimesOutFailsWithTheReport() throws IOException {
        start();

        try (Socket client = connect(box.address())) {
            long id = box.awaitOpened(SOON).flowId();
            assertThatThrownBy(() -> box.awaitExpired(Duration.ofMillis(200)))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("0 of 1 events flow-expired")
                    .hasMessageContaining("state=live")
                    .hasMessageContaining("opened: ")
                    .hasMessageContaining(":" + client.getLocalPort());
            assertThatThrownBy(() -> box.reconfigure(Map.of("idleTimeout", "3")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("has no unit");
            box.reconfigure(Map.of("idleTimeout", "300ms"));

            assertThat(box.awaitExpired(SOON).flowId()).isEqualTo(id);
        }
    }

    @Test
    void outageLeavesNewConnectionsUnansweredUntilItEnds() throws IOException {
        start();
        box.outage(true);

        try (Socket client = new Socket()) {
            assertThatThrownBy(() -> client.connect(box.address(), 1_500)).hasMessageContaining("timed out");
        }
        box.outage(false);
        try (Socket client = connect(box.address())) {
            assertThat(client.isConnected()).isTrue();
        }
    }

    /** The first connection to the server is the proxy's check of its upstream. */
    private void start() throws IOException {
        box.start();
        server.accept().close();
    }

    private static Socket connect(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.connect(address, (int) SOON.toMillis());
        return socket;
    }

    private static long unacknowledged(Socket client) {
        return ss(client).number("unacked");
    }

    private static long backoff(Socket client) {
        return ss(client).number("backoff");
    }

    private static Ss ss(Socket client) {
        return Ss.connection(client.getLocalPort(), client.getPort()).orElseThrow();
    }
}
