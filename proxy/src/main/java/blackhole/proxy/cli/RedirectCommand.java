package blackhole.proxy.cli;

import blackhole.proxy.redirect.Nft;
import blackhole.proxy.redirect.Ports;
import blackhole.proxy.redirect.RedirectTable;
import blackhole.proxy.wrap.WrapTable;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "redirect",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        customSynopsis = {
            "blackhole-proxy redirect --ports=PORT[,PORT...] --to=PORT (--exempt-uid=UID | --only-gid=GID) [--print]",
            "blackhole-proxy redirect --remove [--print]"
        },
        description = {
            "Redirect TCP connections of this machine's programs to a proxy that runs with --transparent. Adds exactly one nft"
                    + " table, inet " + RedirectTable.NAME
                    + ", or replaces it; other rules stay as they are. Open connections aren't"
                    + " affected. Needs root or CAP_NET_ADMIN, and nft.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the table was added, removed or printed",
            "1:not permitted, nft is missing, or the kernel rejected the rules",
            "2:invalid options"
        },
        footerHeading = "%n",
        footer = {
            "Examples:",
            "  Redirect everything except the proxy, which runs as user 1337:",
            "    sudo java -jar blackhole-proxy.jar redirect --ports 9092,9093 --to 15001 \\",
            "        --exempt-uid 1337",
            "    sudo -u '#1337' java -jar blackhole-proxy.jar --transparent 15001",
            "  Undo it:",
            "    sudo java -jar blackhole-proxy.jar redirect --remove",
            "  Show the rules, to apply them yourself with nft -f:",
            "    java -jar blackhole-proxy.jar redirect --ports 9092 --to 15001 --exempt-uid 1337 \\",
            "        --print"
        })
final class RedirectCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--ports",
            paramLabel = "PORT[,PORT...]",
            description = "Redirect connections to these ports, on any host.")
    private @Nullable Ports ports;

    @Option(
            names = "--to",
            paramLabel = "PORT",
            description = "Redirect to this port of 127.0.0.1 and ::1, where the proxy listens with --transparent.")
    private @Nullable Ports to;

    @Option(
            names = "--exempt-uid",
            paramLabel = "UID",
            description =
                    "Don't redirect the connections of this user; use the one that the proxy runs as, so that its own"
                            + " connections aren't redirected back to it.")
    private @Nullable Long exemptUid;

    @Option(
            names = "--only-gid",
            paramLabel = "GID",
            description = "Redirect only connections of processes with this group ID.")
    private @Nullable Long onlyGid;

    @Option(names = "--remove", description = "Delete the table, if there is one.")
    private boolean remove;

    @Option(names = "--print", description = "Print the input for nft -f instead of applying it. Needs no privileges.")
    private boolean print;

    @Override
    public Integer call() {
        String script = remove ? RedirectTable.deleteScript(RedirectTable.NAME) : table().script();
        PrintWriter out = spec.commandLine().getOut();
        if (print) {
            out.print(script);
        } else {
            WrapTable.removeLeftOvers();
            Nft.apply(script);
            out.println(
                    remove
                            ? "removed the nft table inet " + RedirectTable.NAME
                            : "connections to " + ports + " are redirected to " + to + ": nft table inet "
                                    + RedirectTable.NAME + "; remove it with: redirect --remove");
        }
        out.flush();
        return CommandLine.ExitCode.OK;
    }

    private RedirectTable table() {
        if (ports == null) {
            throw mistake("--ports is missing; use --ports 9092 or --ports 9092,9093");
        }
        if (to == null || to.numbers().size() > 1) {
            throw mistake("--to needs the one port on which the proxy listens, such as --to 15001");
        }
        if (ports.numbers().contains(to.numbers().first())) {
            throw mistake("--to: " + to + " is also one of --ports; use another port");
        }
        if (exemptUid == null && onlyGid == null) {
            throw mistake(
                    "--exempt-uid or --only-gid is missing; without one, the proxy's own connections would be redirected"
                            + " back to it");
        }
        requireId("--exempt-uid", exemptUid);
        requireId("--only-gid", onlyGid);
        return new RedirectTable(RedirectTable.NAME, ports, to.numbers().first(), exemptUid, onlyGid);
    }

    /** The kernel's user and group IDs are u32, and the highest means none. */
    private void requireId(String option, @Nullable Long id) {
        if (id != null && (id < 0 || id >= 0xFFFF_FFFFL)) {
            throw mistake(option + ": " + id + " is not between 0 and 4294967294");
        }
    }

    private ParameterException mistake(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
