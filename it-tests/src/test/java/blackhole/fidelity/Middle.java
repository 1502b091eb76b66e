package blackhole.fidelity;

import static org.awaitility.Awaitility.await;

import blackhole.fidelity.Namespaces.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/** What stands in the middle. */
sealed interface Middle {
    /** After how long without a segment both middles expire a flow. */
    Duration IDLE_TIMEOUT = Duration.ofSeconds(3);

    /** After how long the NAT expires a flow of which one side has finished. */
    Duration HALF_CLOSED_TIMEOUT = Duration.ofSeconds(1);

    /** How the report calls it. */
    String title();

    /** Where the client has to connect to, to reach the server. */
    String serverAsSeenByClient();

    /** Takes its place on the middle host, for these ports of the server. */
    void start(Namespaces namespaces, Collection<Integer> ports, Path directory) throws IOException;

    /** The Linux kernel as a NAT that hides the client, and that drops what belongs to no flow it knows. */
    record Nat() implements Middle {
        private static final String RULES = """
                table ip nat_box {
                  chain expire {
                    type filter hook prerouting priority mangle; policy accept;
                    ct state invalid drop
                  }
                  chain hide {
                    type nat hook postrouting priority srcnat; policy accept;
                    ip daddr %s masquerade
                  }
                }
                """.formatted(Namespaces.SERVER);

        @Override
        public String title() {
            return "NAT";
        }

        @Override
        public String serverAsSeenByClient() {
            return Namespaces.SERVER;
        }

        /**
         * The timeouts for unacknowledged and retransmitted data keep their 300 s, as conntrack takes the shorter one of
         * those and the state's own.
         */
        @Override
        public void start(Namespaces namespaces, Collection<Integer> ports, Path directory) throws IOException {
            namespaces.run(Host.MIDDLE, "nft", RULES);
            String conntrack = "net.netfilter.nf_conntrack_tcp_";
            namespaces.run(
                    Host.MIDDLE,
                    "sysctl",
                    "-qw",
                    "net.ipv4.ip_forward=1",
                    conntrack + "loose=0",
                    conntrack + "timeout_established=" + IDLE_TIMEOUT.toSeconds(),
                    conntrack + "timeout_fin_wait=" + HALF_CLOSED_TIMEOUT.toSeconds(),
                    conntrack + "timeout_close_wait=" + HALF_CLOSED_TIMEOUT.toSeconds());
        }
    }

    /**
     * Our proxy.
     *
     * @param moreOptions for its command line
     */
    record Proxy(Path jar, List<String> moreOptions) implements Middle {
        @Override
        public String title() {
            return "proxy";
        }

        @Override
        public String serverAsSeenByClient() {
            return Namespaces.MIDDLE_TO_CLIENT;
        }

        @Override
        public void start(Namespaces namespaces, Collection<Integer> ports, Path directory) throws IOException {
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-jar",
                    jar.toString(),
                    "--no-upstream-check",
                    "--idle-timeout",
                    IDLE_TIMEOUT.toSeconds() + "s"));
            for (int port : ports) {
                command.add("--route");
                command.add(Namespaces.MIDDLE_TO_CLIENT + ":" + port + "=" + Namespaces.SERVER + ":" + port);
            }
            command.addAll(moreOptions);
            Path log = directory.resolve("proxy.log");
            Process process = namespaces.start(
                    Host.MIDDLE,
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()));
            String last = Namespaces.MIDDLE_TO_CLIENT + ":" + Collections.max(ports);
            await().until(() -> !process.isAlive() || Files.readString(log).contains(last));
            if (!process.isAlive()) {
                throw new IOException("the proxy does not start: " + Files.readString(log));
            }
        }
    }
}
