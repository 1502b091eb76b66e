package blackhole.proxy.cli;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Route;
import blackhole.middlebox.config.UsageException;
import blackhole.proxy.http.AdminServer;
import blackhole.proxy.redirect.Ports;
import blackhole.proxy.wrap.HangReport;
import blackhole.proxy.wrap.InvokingUser;
import blackhole.proxy.wrap.Signals;
import blackhole.proxy.wrap.WrapTable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "wrap",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        customSynopsis = "blackhole-proxy wrap --ports=PORT[,PORT...] [OPTIONS] -- COMMAND [ARGUMENT...]",
        description = {
            "Run a command with its connections, and those of its children, redirected through the proxy, which connects to"
                    + " each one's original destination. The command needs no configuration. Other programs aren't affected. Needs root,"
                    + " nft and setpriv.",
            "The command runs as the user who called sudo, with its own group ID, by which its connections are"
                    + " recognised; as a result, files that it creates belong to that group. The user's groups are kept as supplementary"
                    + " ones. Standard streams, the exit code and signals are passed through unchanged.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "1:failed to start: not root, nft is missing, or the kernel rejected the rules",
            "2:invalid options",
            "126:the command is not executable",
            "127:the command does not exist",
            "*:otherwise the command's own; 128 + N if signal N ended it"
        },
        footerHeading = "%n",
        footer = {
            "Examples:",
            "  Your program, your cluster, idle connections expire after 30 s:",
            "    sudo java -jar blackhole-proxy.jar wrap --ports 9092 --idle-timeout 30s -- \\",
            "        kcat -P -b broker.example:9092 -t orders",
            "  What hung, and for how long:",
            "    sudo java -jar blackhole-proxy.jar wrap --ports 5432 --idle-timeout 5s --report \\",
            "        --log-file proxy.log -- psql -h db.example"
        })
final class WrapCommand implements Callable<Integer> {
    private static final long LOOK_MILLIS = 100;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--ports",
            paramLabel = "PORT[,PORT...]",
            required = true,
            description = "Redirect connections to these ports, on any host.")
    private Ports ports;

    @Mixin
    private ProfileOptions profileOptions;

    @Mixin
    private ConfigOptions configOptions;

    @Mixin
    private AdminOptions adminOptions;

    @Option(
            names = "--log-file",
            paramLabel = "FILE",
            description = "Append the proxy's log to this file (default: standard error).")
    private @Nullable Path logFile;

    @Option(
            names = "--report",
            description =
                    "When the command has ended, print which of its connections expired, what was discarded, and how"
                            + " long each hung, on standard error.")
    private boolean report;

    @Parameters(paramLabel = "COMMAND", arity = "1..*", hidden = true)
    private List<String> command;

    @Override
    public Integer call() throws IOException, InterruptedException {
        MiddleboxConfig config = UserErrors.inOptions(spec, () -> {
            adminOptions.check();
            return configOptions.over(profileOptions.config());
        });
        if (profileOptions.isList()) {
            throw new ParameterException(
                    spec.commandLine(), "--list-profiles is an option of blackhole-proxy without wrap");
        }
        requireRoot();
        WrapTable.removeLeftOvers();
        // This JVM's alone; the command inherits the standard output itself.
        System.setOut(log());
        Logging.start(ProxyCommand.LogFormat.TEXT, false);
        HangReport hangs = new HangReport();
        try (EventLog events = Logging.eventLog(ProxyCommand.LogFormat.TEXT)) {
            WrapTable.Claimed<Middlebox> claimed = WrapTable.claim(port -> Middlebox.builder()
                    .route(TransparentListener.onLoopback(port).routes().toArray(Route[]::new))
                    .config(config)
                    .listener(events)
                    .listener(hangs)
                    .start());
            try (Middlebox proxy = claimed.proxy()) {
                return run(proxy, claimed.table(), hangs);
            }
        } finally {
            Logging.stop();
        }
    }

    private int run(Middlebox proxy, WrapTable table, HangReport hangs) throws IOException, InterruptedException {
        ProgramLog log = new ProgramLog();
        Optional<AdminServer> admin = adminOptions.start(proxy);
        // Also if this JVM exits unexpectedly.
        Thread removal = new Thread(table::remove, "remove-redirect");
        Runtime.getRuntime().addShutdownHook(removal);
        try {
            table.add(ports);
            log.started(proxy);
            admin.map(AdminServer::endpoint).ifPresent(log::admin);
            int exitCode = runCommand(table.number(), hangs);
            if (report) {
                spec.commandLine().getErr().print("blackhole-proxy: " + hangs.text(Instant.now()));
                spec.commandLine().getErr().flush();
            }
            return exitCode;
        } finally {
            Runtime.getRuntime().removeShutdownHook(removal);
            table.remove();
            admin.ifPresent(AdminServer::close);
        }
    }

    private int runCommand(int gid, HangReport hangs) throws InterruptedException {
        try {
            Process process = InvokingUser.of(System.getenv())
                    .command(gid, command)
                    .inheritIO()
                    .start();
            Signals.forwardTo(process.pid());
            while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                hangs.look();
            }
            return process.exitValue();
        } catch (IOException e) {
            throw new UsageException("can't run the command: " + e.getMessage() + "; install the package util-linux");
        }
    }

    private static void requireRoot() throws IOException {
        if (!Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
            throw new UsageException("wrap needs root to redirect connections; run it with sudo");
        }
    }

    private PrintStream log() {
        if (logFile == null) {
            return System.err;
        }
        try {
            return new PrintStream(
                    Files.newOutputStream(logFile, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                    true,
                    StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UsageException("log-file", "can't write to " + logFile + ": " + e.getMessage());
        }
    }
}
