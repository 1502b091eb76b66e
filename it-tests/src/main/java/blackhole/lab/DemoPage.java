package blackhole.lab;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Endpoint;
import blackhole.proxy.http.AdminServer;
import blackhole.proxy.recording.Recorder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;

/** The proxy's live page, on which the producers' flows carry what their producer is doing. Thread-safe. */
final class DemoPage implements AutoCloseable {
    private final AdminServer admin;
    private final Recorder recorder;
    private final HttpClient http = HttpClient.newHttpClient();

    /** @param recording the file for {@code replay}; overwritten */
    DemoPage(Middlebox proxy, Path recording) throws IOException {
        Files.deleteIfExists(recording);
        admin = AdminServer.start(proxy, new Endpoint("127.0.0.1", 0), null);
        recorder = Recorder.start(proxy, admin.labels(), recording);
    }

    String address() {
        return "http://" + admin.endpoint() + "/";
    }

    /** What happens from now on is not in the recording any more. */
    void endRecording() {
        recorder.close();
    }

    /**
     * Names the flows of some client ports, as any client could over HTTP, and returns when they have their names. A flow
     * that has ended has no name to be given.
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
            try {
                http.send(request, BodyHandlers.discarding());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    @Override
    public void close() {
        admin.close();
    }
}
