package blackhole.proxy.redirect;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An nft table that redirects TCP connections of this machine's own programs to the proxy. Its name is the proxy's own, so that
 * adding and removing it touches no other rule.
 *
 * @param name of the table, in the family {@code inet}
 * @param ports the connections' destination ports
 * @param to the port of 127.0.0.1 and ::1 where the proxy listens
 * @param exemptUid the user whose connections are not redirected; null for none
 * @param onlyGid the group whose connections alone are redirected; null for all
 */
public record RedirectTable(
        String name,
        Ports ports,
        int to,
        @Nullable Long exemptUid,
        @Nullable Long onlyGid) {
    /** The table of the subcommand {@code redirect}. */
    public static final String NAME = "blackhole";

    /**
     * Returns what {@code nft -f} needs to add the table, or to replace the one of this name. The priority is that of
     * destination NAT, nft(8).
     */
    public String script() {
        String conditions = Stream.of(
                        exemptUid == null ? "" : "meta skuid != " + exemptUid + " ",
                        onlyGid == null ? "" : "meta skgid " + onlyGid + " ")
                .collect(Collectors.joining());
        return String.join(
                "\n",
                List.of(
                        deleteScript(name) + "table inet " + name + " {",
                        "    chain output {",
                        "        type nat hook output priority -100; policy accept;",
                        "        " + conditions + "tcp dport { " + ports + " } redirect to :" + to,
                        "    }",
                        "}",
                        ""));
    }

    /** Returns what {@code nft -f} needs to delete a table, whether or not it exists. */
    public static String deleteScript(String name) {
        return "table inet " + name + "\ndelete table inet " + name + "\n";
    }
}
