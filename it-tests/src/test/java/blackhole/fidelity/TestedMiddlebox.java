package blackhole.fidelity;

import blackhole.fidelity.Namespaces.Host;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** The middlebox between client and server. */
sealed interface TestedMiddlebox {
    /** After how long without a segment both expire a flow. */
    Duration IDLE_TIMEOUT = Duration.ofSeconds(3);

    /** After how long the NAT expires a flow of which one side has finished. */
    Duration HALF_CLOSED_TIMEOUT = Duration.ofSeconds(1);

    /** Its name, short enough for namespaces. */
    default String title() {
        return getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    /** The address that the client connects to. */
    String serverAsSeenByClient();

    /** Starts on the middle host, for these ports of the server. */
    void start(Namespaces namespaces, Collection<Integer> ports, Path directory);

    /** The Linux kernel as a NAT that hides the client, and that drops what belongs to no tracked flow. */
    record Nat() implements TestedMiddlebox {
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
        public String serverAsSeenByClient() {
            return Namespaces.SERVER;
        }

        /**
         * The timeouts for unacknowledged and retransmitted data keep their 300 s, as conntrack takes the shorter one of
         * those and the state's own.
         */
        @Override
        public void start(Namespaces namespaces, Collection<Integer> ports, Path directory) {
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
    record Proxy(Path jar, List<String> moreOptions) implements TestedMiddlebox {
        @Override
        public String serverAsSeenByClient() {
            return Namespaces.MIDDLE_TO_CLIENT;
        }

        @Override
        public void start(Namespaces namespaces, Collection<Integer> ports, Path directory) {
            List<String> options =
                    new ArrayList<>(List.of("--no-upstream-check", "--idle-timeout", IDLE_TIMEOUT.toSeconds() + "s"));
            for (int port : ports) {
                options.add("--route");
                options.add(Namespaces.MIDDLE_TO_CLIENT + ":" + port + "=" + Namespaces.SERVER + ":" + port);
            }
            options.addAll(moreOptions);
            namespaces
                    .on(Host.MIDDLE, directory)
                    .runJar(jar, options.toArray(String[]::new))
                    .awaitOutput(Namespaces.MIDDLE_TO_CLIENT + ":" + Collections.max(ports));
        }
    }
}
