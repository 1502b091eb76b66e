package blackhole.bench;

import blackhole.support.ChildProcess;
import blackhole.support.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The servers of the standard tools, all from Debian: iperf3, redis-server, and nginx for ab. */
final class ToolServers implements AutoCloseable {
    /** Indexes of the servers' ports. */
    static final int IPERF3 = 0;

    static final int REDIS = 1;
    static final int HTTP = 2;

    private final List<Integer> ports = List.of(Ports.free(), Ports.free(), Ports.free());
    private final List<ChildProcess> processes = new ArrayList<>();

    /** @param configs has nginx-http.conf */
    ToolServers(Path configs, Path directory) throws IOException {
        String nginx = Files.readString(configs.resolve("nginx-http.conf"))
                .replace("@DIRECTORY@", directory.toString())
                .replace("@PORT@", port(HTTP));
        Path config = Files.writeString(directory.resolve("nginx-http.conf"), nginx);
        start(directory, "iperf3", "--server", "--bind=127.0.0.1", "--port=" + port(IPERF3));
        start(directory, "redis-server", "--bind", "127.0.0.1", "--port", port(REDIS), "--save", "");
        start(directory, "/usr/sbin/nginx", "-p", directory.toString(), "-c", config.toString());
        // iperf3 takes a connection that is closed at once for a client that failed, and goes on.
        for (int port : ports) {
            if (!Ports.awaitListening(port, () -> processes.stream().allMatch(ChildProcess::isAlive))) {
                close();
                throw new IllegalStateException("a server does not listen: "
                        + processes.stream().map(ChildProcess::output).toList());
            }
        }
    }

    /** Debian packages of the tools that are not installed. */
    static List<String> missing() {
        return Tools.missing("iperf3", "redis-server", "redis-benchmark", "nginx", "ab");
    }

    List<Integer> ports() {
        return ports;
    }

    private String port(int server) {
        return ports.get(server).toString();
    }

    private void start(Path directory, String... command) {
        processes.add(ChildProcess.in(directory).start(command));
    }

    @Override
    public void close() {
        processes.forEach(ChildProcess::close);
    }
}
