package consumer;

import blackhole.junit.BlackholeExtension;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Callable;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.util.TimeValue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Apache's HTTP client 5 with a pool of connections. */
class HttpClientTest {

    private static HttpServer server;

    @RegisterExtension
    final BlackholeExtension nat = BlackholeExtension.builder()
            .upstream(() -> "127.0.0.1:" + server.getAddress().getPort())
            .idleTimeout(IdleClient.IDLE_TIMEOUT)
            .build();

    @BeforeAll
    static void start() throws Exception {
        // The server would close idle connections after 30 s.
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterAll
    static void stop() {
        server.stop(0);
    }

    /** The check of idle connections sees no FIN. */
    @Test
    void hangsByDefault() throws Exception {
        try (CloseableHttpClient client = HttpClients.createDefault()) {
            IdleClient.assertHangsAfterExpiry(nat, get(client));
        }
    }

    @Test
    void evictionOfIdleConnectionsHelps() throws Exception {
        try (CloseableHttpClient client = HttpClients.custom()
                .evictIdleConnections(TimeValue.ofSeconds(1))
                .build()) {
            IdleClient.assertIsReplaced(get(client));
        }
    }

    @Test
    void keepaliveWithTimersHelps() throws Exception {
        SocketConfig keepalive = SocketConfig.custom()
                .setSoKeepAlive(true)
                .setTcpKeepIdle(1)
                .setTcpKeepInterval(1)
                .setTcpKeepCount(3)
                .build();
        try (CloseableHttpClient client = HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setDefaultSocketConfig(keepalive)
                        .build())
                .build()) {
            IdleClient.assertIsKeptAlive(nat, IdleClient.IDLE_TIMEOUT, get(client));
        }
    }

    private Callable<Integer> get(CloseableHttpClient client) {
        return () -> client.execute(new HttpGet("http://" + nat.hostAndPort() + "/"), response -> {
            EntityUtils.consume(response.getEntity());
            return response.getCode();
        });
    }
}
