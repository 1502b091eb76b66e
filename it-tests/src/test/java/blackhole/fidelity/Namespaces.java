package blackhole.fidelity;

import blackhole.support.Capture;
import blackhole.support.ChildProcess;
import blackhole.support.Tools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Three hosts in a row, {@code client – middle – server}, each a network namespace of this machine, joined by virtual
 * cables. Nothing in them can reach anything outside. They end with {@link #close()}, or with this JVM.
 */
final class Namespaces implements AutoCloseable {
    /** One of the three hosts. */
    enum Host {
        CLIENT,
        MIDDLE,
        SERVER
    }

    /** What the client's host is called, RFC 5737's TEST-NET-1. */
    static final String CLIENT = "192.0.2.2";

    /** The middle's address on the client's side. */
    static final String MIDDLE_TO_CLIENT = "192.0.2.1";

    /** The middle's address on the server's side, RFC 5737's TEST-NET-2. */
    static final String MIDDLE_TO_SERVER = "198.51.100.1";

    /** What the server's host is called. */
    static final String SERVER = "198.51.100.2";

    private final String prefix;
    private final Thread atExit = new Thread(this::end);

    /** @param name tells the namespaces of one run apart */
    Namespaces(String name) {
        prefix = "fidelity-" + ProcessHandle.current().pid() + "-" + name + "-";
        Runtime.getRuntime().addShutdownHook(atExit);
        try {
            for (Host host : Host.values()) {
                Tools.run("ip", "netns", "add", name(host));
                ip(host, "link set lo up");
            }
            join(Host.CLIENT, CLIENT, MIDDLE_TO_CLIENT);
            join(Host.SERVER, SERVER, MIDDLE_TO_SERVER);
            ip(Host.CLIENT, "route add default via " + MIDDLE_TO_CLIENT);
            for (Host host : Host.values()) {
                // As on any machine, rather than as on this one.
                run(host, "sysctl", "-qw", "net.ipv4.tcp_congestion_control=reno", "net.ipv4.tcp_no_metrics_save=1");
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void join(Host host, String address, String middle) {
        String there = "to-" + host.name().toLowerCase(Locale.ROOT);
        ip(host, "link add eth0 type veth peer name " + there + " netns " + name(Host.MIDDLE));
        ip(host, "address add " + address + "/24 dev eth0");
        ip(Host.MIDDLE, "address add " + middle + "/24 dev " + there);
        ip(host, "link set eth0 up");
        ip(Host.MIDDLE, "link set " + there + " up");
    }

    /** Why this machine can't have such hosts with a NAT between them; empty if it can. */
    static Optional<String> whyNone() throws IOException {
        if (!Files.isDirectory(Path.of("/proc/self/ns"))) {
            return Optional.of("network namespaces need Linux");
        }
        if (!Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
            return Optional.of("only root may make network namespaces");
        }
        List<String> missing = Tools.missing("ip", "nft", "sysctl", "tcpdump", "tshark");
        if (!missing.isEmpty()) {
            return Optional.of("not installed: " + String.join(", ", missing));
        }
        try (Namespaces namespaces = new Namespaces("trial")) {
            new TestedMiddlebox.Nat().start(namespaces, List.of(), Path.of(""));
            return Optional.empty();
        } catch (UncheckedIOException e) {
            return Optional.of("this machine can't be a NAT between two hosts: " + e.getMessage());
        }
    }

    /** Starts programs on a host; {@link #close()} kills them. */
    ChildProcess.Builder on(Host host, Path directory) {
        return ChildProcess.in(directory).under(prefix(host));
    }

    /** Starts to capture all TCP packets of the client's or the server's host. */
    Capture capture(Host host, Path file) {
        return Capture.start(file, "eth0", "tcp", prefix(host));
    }

    /** Runs a program on a host to its end. */
    void run(Host host, String... command) {
        Tools.run(Stream.concat(Stream.of(prefix(host)), Stream.of(command)).toArray(String[]::new));
    }

    private String[] prefix(Host host) {
        return new String[] {"ip", "netns", "exec", name(host)};
    }

    private void ip(Host host, String arguments) {
        Tools.run(("ip -n " + name(host) + " " + arguments).split(" "));
    }

    private String name(Host host) {
        return prefix + host.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void close() {
        end();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    private void end() {
        for (Host host : Host.values()) {
            try {
                Tools.run("ip", "netns", "pids", name(host))
                        .lines()
                        .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream())
                        .forEach(ProcessHandle::destroyForcibly);
                Tools.run("ip", "netns", "delete", name(host));
            } catch (UncheckedIOException e) {
                // It was never made, or is gone.
            }
        }
    }
}
