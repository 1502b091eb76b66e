package consumer;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/** A WebFlux server, and a WebClient with one pooled connection, on Reactor Netty. */
final class Application implements AutoCloseable {
    private final ConfigurableApplicationContext server =
            SpringApplication.run(Server.class, "--server.address=127.0.0.1", "--server.port=0");
    private final ConnectionProvider pool = ConnectionProvider.create("pool", 1);
    private WebClient client;

    int port() {
        return server.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    void connect(InetSocketAddress address) {
        client = WebClient.builder()
                .baseUrl("http://127.0.0.1:" + address.getPort())
                .clientConnector(new ReactorClientHttpConnector(HttpClient.create(pool)))
                .build();
    }

    /** Sends a request on the one connection; returns false if the answer takes longer than {@code timeout}. */
    boolean answers(Duration timeout) {
        return client.get()
                .uri("/")
                .retrieve()
                .bodyToMono(String.class)
                .map("answer"::equals)
                .timeout(timeout)
                .onErrorReturn(TimeoutException.class, false)
                .block();
    }

    @Override
    public void close() {
        pool.dispose();
        server.close();
    }

    @SpringBootApplication
    @RestController
    static class Server {
        @GetMapping("/")
        String answer() {
            return "answer";
        }
    }
}
