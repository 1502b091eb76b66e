package blackhole.fidelity;

import blackhole.support.Tools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
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
    private final List<Process> processes = new CopyOnWriteArrayList<>();
    private final Thread atExit = new Thread(this::end);

    /** @param name tells the namespaces of one run apart */
    Namespaces(String name) throws IOException {
        prefix = "fidelity-" + ProcessHandle.current().pid() + "-" + name + "-";
        Runtime.getRuntime().addShutdownHook(atExit);
        try {
            for (Host host : Host.values()) {
                execute("ip", "netns", "add", name(host));
                ip(host, "link set lo up");
            }
            join(Host.CLIENT, CLIENT, MIDDLE_TO_CLIENT);
            join(Host.SERVER, SERVER, MIDDLE_TO_SERVER);
            ip(Host.CLIENT, "route add default via " + MIDDLE_TO_CLIENT);
            for (Host host : Host.values()) {
                // As on any machine, rather than as on this one.
                run(host, "sysctl", "-qw", "net.ipv4.tcp_congestion_control=reno", "net.ipv4.tcp_no_metrics_save=1");
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void join(Host host, String address, String middle) throws IOException {
        String there = "to-" + host.name().toLowerCase();
        ip(host, "link add eth0 type veth peer name " + there + " netns " + name(Host.MIDDLE));
        ip(host, "address add " + address + "/24 dev eth0");
        ip(Host.MIDDLE, "address add " + middle + "/24 dev " + there);
        ip(host, "link set eth0 up");
        ip(Host.MIDDLE, "link set " + there + " up");
    }

    /** Why this machine can't have such hosts and a NAT between them, in a sentence; empty when it can. */
    static Optional<String> whyNone() throws IOException {
        if (!Files.isDirectory(Path.of("/proc/self/ns"))) {
            return Optional.of("network namespaces are Linux's");
        }
        if (!Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
            return Optional.of("only root may make network namespaces");
        }
        List<String> missing = Stream.of("ip", "nft", "sysctl", "tcpdump", "tshark")
                .filter(tool -> !Tools.isInstalled(tool))
                .toList();
        if (!missing.isEmpty()) {
            return Optional.of("these tools are not installed: " + String.join(", ", missing));
        }
        try (Namespaces namespaces = new Namespaces("trial")) {
            new Middle.Nat().start(namespaces, List.of(), Path.of(""));
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("this machine can't be a NAT between two hosts: " + e.getMessage());
        }
    }

    /** Starts a program on a host; {@link #close()} kills it. */
    Process start(Host host, ProcessBuilder program) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", name(host)));
        command.addAll(program.command());
        Process process = program.command(command).start();
        processes.add(process);
        return process;
    }

    /** Runs a program on a host to its end. */
    void run(Host host, String... command) throws IOException {
        List<String> there = new ArrayList<>(List.of("ip", "netns", "exec", name(host)));
        there.addAll(Arrays.asList(command));
        execute(there.toArray(String[]::new));
    }

    private void ip(Host host, String arguments) throws IOException {
        execute(("ip -n " + name(host) + " " + arguments).split(" "));
    }

    private String name(Host host) {
        return prefix + host.name().toLowerCase();
    }

    /** Runs a program of this machine to its end and gives its output back. */
    static String execute(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException("'" + String.join(" ", command) + "' failed: " + output.trim());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return output;
    }

    @Override
    public void close() {
        end();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    private void end() {
        processes.forEach(Process::destroyForcibly);
        for (Process process : processes) {
            try {
                process.waitFor(5, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        for (Host host : Host.values()) {
            try {
                execute("ip", "netns", "delete", name(host));
            } catch (IOException e) {
                // It was never made, or is gone.
            }
        }
    }
}
