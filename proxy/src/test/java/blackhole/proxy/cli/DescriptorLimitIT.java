package blackhole.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import blackhole.support.ChildProcess;
import blackhole.support.Idle;
import blackhole.support.OwnThread;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A proxy with 256 file descriptors, and 400 clients. */
class DescriptorLimitIT {
    private static final int LIMIT = 256;
    private static final int CLIENTS = 400;
    private static final int ONE_BY_ONE = 20;
    private static final Duration STARVED = Duration.ofSeconds(3);

    @TempDir
    private Path directory;

    @Test
    void starvingProxyKeepsItsFlowsAndServesTheOthersWhenThereIsRoom() throws Exception {
        List<Socket> clients = new ArrayList<>();
        // The soft and the hard limit: a JVM raises its soft limit to the hard one.
        ChildProcess.Builder limited = ChildProcess.in(directory)
                .under("bash", "-c", "ulimit -n " + LIMIT + "; exec \"$@\"", "bash")
                .flag("-Dio.netty.leakDetection.level=paranoid");
        try (ServerSocket server = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
                ProxyProcess proxy = ProxyProcess.start(
                        limited, "--route", "0=127.0.0.1:" + server.getLocalPort(), "--no-upstream-check")) {
            echo(server);
            int port = proxy.awaitPort();
            for (int i = 0; i < CLIENTS; i++) {
                Socket client = new Socket();
                clients.add(client);
                client.connect(new InetSocketAddress("127.0.0.1", port), 10_000);
                client.getOutputStream().write(i);
            }

            List<Socket> served = new ArrayList<>();
            await().atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(100))
                    .during(Duration.ofSeconds(1))
                    .until(() -> served.addAll(answered(clients, served)) ? -1 : served.size(), size -> size > 0);
            int servedWhileStarved = served.size();
            assertThat(servedWhileStarved).isBetween(40, CLIENTS / 2);
            assertThat(proxy.out()).filteredOn(DescriptorLimitIT::isStarving).hasSize(1);

            double before = proxy.process().cpuSeconds();
            Idle.idleFor(STARVED);
            double cpu = (proxy.process().cpuSeconds() - before) / STARVED.toSeconds();
            assertThat(cpu).isLessThan(0.2);
            for (Socket client : served) {
                client.getOutputStream().write('k');
                client.setSoTimeout(10_000);
                assertThat(client.getInputStream().read()).isEqualTo('k');
            }

            for (int i = 0; i < ONE_BY_ONE; i++) {
                served.get(i).close();
                awaitMoreServed(clients, served);
            }

            while (served.size() < CLIENTS) {
                for (Socket client : List.copyOf(served)) {
                    client.close();
                }
                awaitMoreServed(clients, served);
            }
            List<String> warnings = proxy.out().stream()
                    .filter(line -> line.contains(" WARN ") || line.contains(" ERROR "))
                    .toList();
            System.out.printf(
                    "descriptor limit %d: %d of %d clients served at once, %.1f %% of a core while starved,"
                            + " %d warnings until all were served%n",
                    LIMIT, servedWhileStarved, CLIENTS, cpu * 100, warnings.size());
            assertThat(warnings).singleElement().matches(DescriptorLimitIT::isStarving);
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    private static boolean isStarving(String line) {
        return line.contains("out of file descriptors");
    }

    private static void awaitMoreServed(List<Socket> clients, List<Socket> served) {
        int before = served.size();
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    served.addAll(answered(clients, served));
                    return served.size() > before;
                });
    }

    private static List<Socket> answered(List<Socket> clients, Collection<Socket> already) throws IOException {
        List<Socket> answered = new ArrayList<>();
        for (Socket client : clients) {
            if (!already.contains(client) && client.getInputStream().available() > 0) {
                client.getInputStream().read();
                answered.add(client);
            }
        }
        return answered;
    }

    /** Answers every client until it closes, or the test is over. */
    private static void echo(ServerSocket server) {
        OwnThread.run(() -> {
            while (!server.isClosed()) {
                Socket socket = server.accept();
                OwnThread.run(() -> {
                    try (socket) {
                        socket.getInputStream().transferTo(socket.getOutputStream());
                    }
                });
            }
        });
    }
}
