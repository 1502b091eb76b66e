package blackhole.proxy.cli;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Route;
import blackhole.middlebox.config.UsageException;
import blackhole.proxy.api.Labels;
import blackhole.proxy.http.AdminServer;
import blackhole.proxy.recording.Recorder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "blackhole-proxy",
        mixinStandardHelpOptions = true,
        subcommands = ReplayCommand.class,
        versionProvider = Version.class,
        sortOptions = false,
        customSynopsis = "blackhole-proxy --route=[HOST:]PORT=HOST:PORT... [OPTIONS] [@FILE]",
        description = {
            "Relays TCP connections, and silently expires the idle ones as a NAT, firewall or load balancer does:"
                    + " no FIN, no RST, and from then on nothing that either side sends is acknowledged.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:ended by SIGTERM or SIGINT, after live flows were closed",
            "1:could not start: a port in use, an upstream that can't be reached, a kernel that can't blackhole",
            "2:a mistake in the options"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  Stand in for a NAT that expires after 5 minutes:",
            "    java -jar blackhole-proxy.jar --route 19092=127.0.0.1:9092",
            "  The same in seconds:",
            "    java -jar blackhole-proxy.jar --route 19092=127.0.0.1:9092 --idle-timeout 3s",
            "  Two brokers, any free port for the second, a log for machines:",
            "    java -jar blackhole-proxy.jar --route 19092=b1:9092 --route 0=[::1]:9092 \\",
            "        --log-format json",
            "  A box by its name, ten times quicker than it is:",
            "    java -jar blackhole-proxy.jar --route 19092=127.0.0.1:9092 \\",
            "        --profile aws-nlb --idle-timeout 35s",
            "  Options from a file, written as on the command line; # begins a comment, and",
            "  of an option given twice the last one wins:",
            "    java -jar blackhole-proxy.jar @proxy.args",
            "  where proxy.args holds:",
            "    # The office VPN.",
            "    --route 19092=127.0.0.1:9092",
            "    --idle-timeout 10m --on-expiry drop",
            "  Steered while it runs:",
            "    java -jar blackhole-proxy.jar --route 19092=127.0.0.1:9092 --admin 8080 &",
            "    curl -X PUT -H 'Content-Type: application/json' -d '{\"on\": true}' \\",
            "        http://127.0.0.1:8080/api/v1/outage",
            "",
            "A Kafka client follows the address that the broker advertises: let the broker",
            "advertise the proxy's."
        })
final class ProxyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--route",
            paramLabel = "[HOST:]PORT=HOST:PORT",
            description = {
                "Listen on the first address and relay to the second; may be given more than once. With 'none' for the"
                        + " second, clients are accepted and met with silence, as if the cable were unplugged.",
                "No first host means 127.0.0.1, port 0 any free port; IPv6 addresses in brackets."
            })
    private List<Route> routes = List.of();

    @Mixin
    private ProfileOptions profileOptions;

    @Mixin
    private ConfigOptions middleboxOptions;

    @Mixin
    private AdminOptions adminOptions;

    @Option(
            names = "--record",
            paramLabel = "FILE",
            description = "Write what happens to the flows into this new file, for the subcommand replay.")
    private @Nullable Path record;

    @Option(
            names = "--connect-timeout",
            paramLabel = "DURATION",
            defaultValue = "10s",
            description =
                    "How long an upstream may take to accept; then the client is reset (default: ${DEFAULT-VALUE}).")
    private Duration connectTimeout;

    @Option(
            names = "--event-loops",
            paramLabel = "N",
            description = "Threads that relay, from 1 to 256 (default: one for every two processors, at least one).")
    private @Nullable Integer eventLoops;

    @Option(
            names = "--no-upstream-check",
            description = "Start even when an upstream can't be reached yet. Without this, each is connected to once at"
                    + " the start.")
    private boolean noUpstreamCheck;

    @Option(
            names = "--log-format",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "One line an event, for people or for machines (default: ${DEFAULT-VALUE}).")
    private LogFormat logFormat;

    @Option(names = "--verbose", description = "Log what only the proxy's developers want to know, too.")
    private boolean verbose;

    enum LogFormat {
        TEXT,
        JSON
    }

    @Override
    public Integer call() throws InterruptedException {
        if (profileOptions.isList()) {
            return listProfiles();
        }
        if (routes.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--route [HOST:]PORT=HOST:PORT is missing");
        }
        Middlebox.Builder settings = settings();
        Logging.start(logFormat, verbose);
        if (!noUpstreamCheck) {
            routes.forEach(UpstreamCheck::connectOnce);
        }
        EventLog events = Logging.eventLog(logFormat);
        ProgramLog log = new ProgramLog();
        Middlebox proxy = settings.listener(events).start();
        Optional<AdminServer> admin = startAdmin(proxy);
        Optional<Recorder> recorder = startRecorder(proxy, admin);
        log.started(proxy);
        admin.map(AdminServer::endpoint).ifPresent(log::controlled);
        recorder.ifPresent(any -> log.recording(record));
        UntilSignal.run(
                CommandLine.ExitCode.OK,
                log::stopping,
                () -> admin.ifPresent(AdminServer::close),
                proxy::close,
                () -> recorder.ifPresent(Recorder::close),
                events::close,
                log::stopped,
                Logging::stop);
        return CommandLine.ExitCode.OK;
    }

    private Optional<AdminServer> startAdmin(Middlebox proxy) {
        if (!adminOptions.areGiven()) {
            return Optional.empty();
        }
        try {
            return Optional.of(adminOptions.start(proxy));
        } catch (RuntimeException e) {
            proxy.close();
            throw e;
        }
    }

    private Optional<Recorder> startRecorder(Middlebox proxy, Optional<AdminServer> admin) {
        if (record == null) {
            return Optional.empty();
        }
        try {
            Labels labels = admin.map(AdminServer::labels).orElseGet(Labels::new);
            return Optional.of(Recorder.start(proxy, labels, record));
        } catch (RuntimeException e) {
            admin.ifPresent(AdminServer::close);
            proxy.close();
            throw e;
        }
    }

    private int listProfiles() {
        try {
            profileOptions.print(spec.commandLine().getOut());
            return CommandLine.ExitCode.OK;
        } catch (UsageException e) {
            throw new ParameterException(spec.commandLine(), e.messageForCommandLine());
        }
    }

    private Middlebox.Builder settings() {
        try {
            adminOptions.check();
            Middlebox.Builder settings = Middlebox.builder()
                    .route(routes.toArray(Route[]::new))
                    .middlebox(middleboxOptions.over(profileOptions.middlebox()))
                    .connectTimeout(connectTimeout);
            return eventLoops == null ? settings : settings.eventLoops(eventLoops);
        } catch (UsageException e) {
            throw new ParameterException(spec.commandLine(), e.messageForCommandLine());
        }
    }
}
