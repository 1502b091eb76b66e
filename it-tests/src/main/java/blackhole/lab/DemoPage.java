package blackhole.lab;

import blackhole.proxy.BlackholeProxy;
import blackhole.proxy.Endpoint;
import blackhole.proxy.admin.AdminServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Collection;

/** The proxy's live page, on which the producers' flows carry what their producer is doing. Thread-safe. */
final class DemoPage implements AutoCloseable {
    private final AdminServer admin;
    private final HttpClient http = HttpClient.newHttpClient();

    DemoPage(BlackholeProxy proxy) {
        admin = AdminServer.start(proxy, new Endpoint("127.0.0.1", 0), null);
    }

    String address() {
        return "http://" + admin.endpoint() + "/";
    }

    /**
     * Names the flows of some client ports, as any client could over HTTP. A flow that has ended has no name to be given.
     *
     * @param label without quotes and backslashes
     */
    void label(Collection<Integer> ports, String label) {
        for (int port : ports) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create(address() + "api/v1/flows/label?client=127.0.0.1:" + port))
                    .header("Content-Type", "application/json")
                    .PUT(BodyPublishers.ofString("{\"label\": \"" + label + "\"}"))
                    .build();
            http.sendAsync(request, BodyHandlers.discarding());
        }
    }

    @Override
    public void close() {
        admin.close();
    }
}
