package blackhole.bench;

import blackhole.support.ChildProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A column of the benchmark: something that stands between client and server, or nothing.
 *
 * @param program what must be executable for it
 * @param debianPackage the package that has the program
 * @param commands what to start for a list of hops; no command means the client goes to the server directly
 */
record Contender(String name, String program, String debianPackage, Commands commands) {
    static final String DIRECT = "direct";
    static final String BLACKHOLE = "blackhole";

    /** A port to listen on, and the one to relay to, both on 127.0.0.1. */
    record Hop(int listen, int upstream) {}

    @FunctionalInterface
    interface Commands {
        /** @param directory for what the program must be given as a file */
        List<List<String>> of(List<Hop> hops, Path directory) throws IOException;
    }

    /** @param configs has haproxy.cfg and nginx.conf */
    static List<Contender> all(Path configs, Path proxyJar) {
        return List.of(
                new Contender(DIRECT, "", "", (hops, directory) -> List.of()),
                haproxy("haproxy", configs, "", ""),
                haproxy("haproxy-1thread", configs, "nbthread 1", ""),
                haproxy("haproxy-splice", configs, "", "option splice-auto"),
                haproxy("haproxy-splice-1thread", configs, "nbthread 1", "option splice-auto"),
                nginx("nginx", configs),
                new Contender("socat", "/usr/bin/socat", "socat", Contender::socat),
                blackhole(BLACKHOLE, proxyJar, List.of()));
    }

    static Contender blackhole(String name, Path jar, List<String> jvmArguments, String... options) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new Contender(name, java, "openjdk-17-jre-headless", (hops, directory) -> {
            List<String> command = new ArrayList<>(List.of(java));
            command.addAll(jvmArguments);
            command.addAll(List.of("-jar", jar.toString(), "--no-upstream-check"));
            hops.forEach(hop -> command.add("--route=" + hop.listen() + "=127.0.0.1:" + hop.upstream()));
            command.addAll(List.of(options));
            return List.of(command);
        });
    }

    private static Contender haproxy(String name, Path configs, String global, String defaults) {
        return new Contender(name, "/usr/sbin/haproxy", "haproxy", (hops, directory) -> {
            StringBuilder listen = new StringBuilder();
            for (Hop hop : hops) {
                listen.append("listen to_%d%n    bind 127.0.0.1:%d%n    server s 127.0.0.1:%d%n"
                        .formatted(hop.upstream(), hop.listen(), hop.upstream()));
            }
            String config = Files.readString(configs.resolve("haproxy.cfg"))
                    .replace("@GLOBAL@", global)
                    .replace("@DEFAULTS@", defaults)
                    .replace("@LISTEN@", listen);
            Path file = Files.writeString(directory.resolve(name + ".cfg"), config);
            return List.of(List.of("/usr/sbin/haproxy", "-db", "-f", file.toString()));
        });
    }

    private static Contender nginx(String name, Path configs) {
        return new Contender(
                name, "/usr/lib/nginx/modules/ngx_stream_module.so", "libnginx-mod-stream", (hops, dir) -> {
                    StringBuilder servers = new StringBuilder();
                    hops.forEach(hop -> servers.append("    server { listen 127.0.0.1:%d; proxy_pass 127.0.0.1:%d; }%n"
                            .formatted(hop.listen(), hop.upstream())));
                    String config = Files.readString(configs.resolve("nginx.conf"))
                            .replace("@DIRECTORY@", dir.toString())
                            .replace("@SERVERS@", servers);
                    Path file = Files.writeString(dir.resolve(name + ".conf"), config);
                    return List.of(List.of("/usr/sbin/nginx", "-p", dir.toString(), "-c", file.toString()));
                });
    }

    private static List<List<String>> socat(List<Hop> hops, Path directory) {
        return hops.stream()
                .map(hop -> List.of(
                        "/usr/bin/socat",
                        "-b",
                        "65536",
                        // How long the other direction may go on after one's end; half a second by default.
                        "-t",
                        "60",
                        "TCP-LISTEN:%d,bind=127.0.0.1,reuseaddr,fork,nodelay,backlog=1024".formatted(hop.listen()),
                        "TCP:127.0.0.1:%d,nodelay".formatted(hop.upstream())))
                .toList();
    }

    boolean isJvm() {
        return program.endsWith("java");
    }

    boolean isInstalled() {
        return program.isEmpty() || Files.exists(Path.of(program));
    }

    /** Starts it; it accepts on the running contender's ports when this returns. */
    Running start(Path directory, List<Integer> upstreamPorts) {
        List<Hop> hops =
                upstreamPorts.stream().map(port -> new Hop(Ports.free(), port)).toList();
        try {
            List<List<String>> all = commands.of(hops, directory);
            if (all.isEmpty()) {
                return new Running(this, upstreamPorts, List.of());
            }
            List<ChildProcess> processes =
                    all.stream().map(ChildProcess.in(directory)::start).toList();
            Running running = new Running(this, hops.stream().map(Hop::listen).toList(), processes);
            running.awaitListening();
            return running;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A contender at work; its ports lead to the upstream ports in the order in which those were given. */
    record Running(Contender contender, List<Integer> ports, List<ChildProcess> processes) implements AutoCloseable {
        String name() {
            return contender.name();
        }

        double cpuSeconds() {
            return processes.stream().mapToDouble(ChildProcess::cpuSeconds).sum();
        }

        private void awaitListening() {
            for (int port : ports) {
                if (!Ports.awaitListening(port, () -> processes.stream().allMatch(ChildProcess::isAlive))) {
                    close();
                    throw new IllegalStateException(name() + " does not listen: "
                            + processes.stream().map(ChildProcess::output).toList());
                }
            }
        }

        @Override
        public void close() {
            processes.forEach(ChildProcess::close);
        }
    }
}
