package blackhole.proxy.cli;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Route;
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
        subcommands = {WrapCommand.class, RedirectCommand.class, ReplayCommand.class},
        sortOptions = false,
        customSynopsis = {
            "blackhole-proxy --route=[HOST:]PORT=HOST:PORT... [OPTIONS] [@FILE]",
            "blackhole-proxy --kafka=[HOST:]PORT=HOST:PORT... [OPTIONS] [@FILE]",
            "blackhole-proxy --transparent=[HOST:]PORT [OPTIONS] [@FILE]",
            "blackhole-proxy SUBCOMMAND [OPTIONS]"
        },
        description = {
            "Relay TCP connections and silently expire idle ones, as a NAT, firewall or load balancer does: without FIN"
                    + " or RST, and from then on nothing that either side sends is acknowledged.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:terminated by SIGTERM or SIGINT after closing live flows",
            "1:failed to start: a port in use, an unreachable upstream, or a kernel that can't blackhole sockets",
            "2:invalid options"
        },
        footerHeading = "%n",
        footer = {
            "Durations: 1500ms, 37s, 5m, 2h or ISO 8601 (PT5M).",
            "",
            "Examples:",
            "  Act as a NAT with an idle timeout of 5 minutes:",
            "    java -jar blackhole-proxy.jar --route 19092=127.0.0.1:9092",
            "  The same in seconds:",
            "    java -jar blackhole-proxy.jar --route 19092=127.0.0.1:9092 --idle-timeout 3s",
            "  Two brokers, any free port for the second, JSON log:",
            "    java -jar blackhole-proxy.jar --route 19092=b1:9092 --route 0=[::1]:9092 \\",
            "        --log-format json",
            "  A built-in profile, ten times faster than the original:",
            "    java -jar blackhole-proxy.jar --route 19092=127.0.0.1:9092 \\",
            "        --profile aws-nlb --idle-timeout 35s",
            "  Options from a file, as on the command line; # starts a comment. If an option is",
            "  given more than once, the last value wins:",
            "    java -jar blackhole-proxy.jar @proxy.args",
            "  where proxy.args contains:",
            "    # The office VPN.",
            "    --route 19092=127.0.0.1:9092",
            "    --idle-timeout 10m --on-expiry drop",
            "  In front of a whole Kafka cluster, here one in the cloud; clients use",
            "  127.0.0.1:19092 as their bootstrap server, without TLS:",
            "    java -jar blackhole-proxy.jar --kafka 19092=pkc-1234.example.com:9092 --upstream-tls",
            "  Any free ports, for a script:",
            "    java -jar blackhole-proxy.jar --route 0=127.0.0.1:9092 --admin 0 \\",
            "        --ready-file ready.json &",
            "    until [ -e ready.json ]; do sleep 0.1; done",
            "    cat ready.json",
            "  Control it at run time:",
            "    java -jar blackhole-proxy.jar --route 19092=127.0.0.1:9092 --admin 8080 &",
            "    curl -X PUT -H 'Content-Type: application/json' -d '{\"on\": true}' \\",
            "        http://127.0.0.1:8080/api/v1/outage",
            "",
            "A Kafka client connects to the addresses that the brokers advertise. With --kafka the",
            "proxy replaces them; with --route the brokers have to advertise the proxy's address."
        })
final class ProxyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--route",
            paramLabel = "[HOST:]PORT=HOST:PORT",
            description = {
                "Listen on the first address and relay to the second; repeatable. With 'none' as the second, clients are"
                        + " accepted and get no response, as if the cable were unplugged.",
                "The first host defaults to 127.0.0.1; port 0 means any free port; write IPv6 addresses in brackets."
            })
    private List<Route> routes = List.of();

    @Option(
            names = "--transparent",
            paramLabel = "[HOST:]PORT",
            description = {
                "Accept connections that a NAT rule redirects to this address, and relay each to its original destination;"
                        + " repeatable. The redirect subcommand adds such a rule. Connections that were not redirected are"
                        + " refused.",
                "Without a host: on 127.0.0.1 and ::1."
            })
    private List<TransparentListener> transparent = List.of();

    @Mixin
    private KafkaOptions kafka;

    @Mixin
    private ProfileOptions profileOptions;

    @Mixin
    private ConfigOptions configOptions;

    @Mixin
    private AdminOptions adminOptions;

    @Option(
            names = "--record",
            paramLabel = "FILE",
            description = "Record all flows and events in this new file, for the replay subcommand.")
    private @Nullable Path record;

    @Option(
            names = "--ready-file",
            paramLabel = "FILE",
            description =
                    "Write the listening addresses to this file as JSON as soon as the proxy accepts clients and API requests, for"
                            + " scripts that use port 0. It is removed at exit.")
    private @Nullable Path readyFile;

    @Option(
            names = "--connect-timeout",
            paramLabel = "DURATION",
            defaultValue = "10s",
            description =
                    "Reset the client's connection if the upstream does not accept within this time (default: ${DEFAULT-VALUE}).")
    private Duration connectTimeout;

    @Option(
            names = "--event-loops",
            paramLabel = "N",
            description = "Use this many relay threads, 1 to 256 (default: one per two processors, at least one).")
    private @Nullable Integer eventLoops;

    @Option(
            names = "--no-upstream-check",
            description = "Start even if an upstream can't be reached yet; otherwise each is tried once at startup.")
    private boolean noUpstreamCheck;

    @Option(
            names = "--log-format",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "Log one event per line, in this format (default: ${DEFAULT-VALUE}).")
    private LogFormat logFormat;

    @Option(names = "--verbose", description = "Enable debug logging.")
    private boolean verbose;

    enum LogFormat {
        TEXT,
        JSON
    }

    @Override
    public Integer call() throws InterruptedException {
        if (profileOptions.isList()) {
            spec.commandLine().getOut().print(UserErrors.inOptions(spec, profileOptions::table));
            spec.commandLine().getOut().flush();
            return CommandLine.ExitCode.OK;
        }
        if (routes.isEmpty() && transparent.isEmpty() && kafka.bootstrapRoutes().isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--route [HOST:]PORT=HOST:PORT, --kafka [HOST:]PORT=HOST:PORT or --transparent [HOST:]PORT is"
                            + " missing");
        }
        Middlebox.Builder settings = UserErrors.inOptions(spec, this::settings);
        Logging.start(logFormat, verbose);
        if (!noUpstreamCheck) {
            routes.forEach(route -> UpstreamCheck.connectOnce("route", route));
            kafka.bootstrapRoutes().forEach(route -> UpstreamCheck.connectOnce("kafka", route));
        }
        Optional<ReadyFile> ready = Optional.ofNullable(readyFile).map(ReadyFile::new);
        EventLog events = Logging.eventLog(logFormat);
        ProgramLog log = new ProgramLog();
        Middlebox proxy = settings.listener(events).prepare();
        // If these fail, the process exits, which also ends the proxy. A script that waits for a route's port may call
        // the
        // API at once, so the API comes first.
        Optional<AdminServer> admin = adminOptions.start(proxy);
        proxy.listen();
        Labels labels = admin.map(AdminServer::labels).orElseGet(Labels::new);
        Optional<Recorder> recorder = Optional.ofNullable(record).map(file -> Recorder.start(proxy, labels, file));
        log.started(proxy);
        admin.map(AdminServer::endpoint).ifPresent(log::admin);
        if (record != null) {
            log.recording(record);
        }
        ready.ifPresent(file -> file.write(admin.map(AdminServer::endpoint).orElse(null), proxy));
        UntilSignal.run(
                CommandLine.ExitCode.OK,
                log::stopping,
                () -> ready.ifPresent(ReadyFile::remove),
                () -> admin.ifPresent(AdminServer::close),
                proxy::close,
                () -> recorder.ifPresent(Recorder::close),
                events::close,
                log::stopped,
                Logging::stop);
        return CommandLine.ExitCode.OK;
    }

    private Middlebox.Builder settings() {
        adminOptions.check();
        Middlebox.Builder settings = Middlebox.builder()
                .route(routes.toArray(Route[]::new))
                .route(transparent.stream()
                        .flatMap(listener -> listener.routes().stream())
                        .toArray(Route[]::new))
                .config(configOptions.over(profileOptions.config()))
                .connectTimeout(connectTimeout);
        kafka.addTo(settings);
        return eventLoops == null ? settings : settings.eventLoops(eventLoops);
    }
}
