package blackhole.proxy.cli;

import blackhole.middlebox.config.Endpoint;
import blackhole.proxy.http.WebServer;
import blackhole.proxy.recording.Replay;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {"Show, on the live page, a run that was recorded with --record; no broker or proxy needed.", ""},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:terminated by SIGTERM or SIGINT",
            "1:failed to start: not a recording, or a port in use",
            "2:invalid options"
        })
final class ReplayCommand implements Callable<Integer> {
    private static final double MIN_SPEED = 0.01;
    private static final double MAX_SPEED = 1_000;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "Replay this file, written with --record.")
    private Path file;

    @Option(
            names = "--admin",
            paramLabel = "[HOST:]PORT",
            defaultValue = "${env:BLACKHOLE_ADMIN:-0}",
            description = "Serve the live page and its API, without /metrics and /health, at this address (default: the"
                    + " environment variable BLACKHOLE_ADMIN, else any free port on 127.0.0.1; see the log). The host defaults to 127.0.0.1; one that other machines can reach"
                    + " requires --admin-token-file.")
    private Endpoint listen;

    @Option(
            names = "--admin-token-file",
            paramLabel = "FILE",
            defaultValue = "${env:BLACKHOLE_ADMIN_TOKEN_FILE}",
            description = "Require the contents of this file as a bearer token (default: the environment variable"
                    + " BLACKHOLE_ADMIN_TOKEN_FILE, else none). The live page asks for it.")
    private @Nullable Path tokenFile;

    @Option(
            names = "--speed",
            paramLabel = "FACTOR",
            defaultValue = "1",
            description = "Replay at this speed; 2 is twice as fast as recorded (default: ${DEFAULT-VALUE}).")
    private double speed;

    @Override
    public Integer call() throws InterruptedException {
        checkOptions();
        Logging.start(ProxyCommand.LogFormat.TEXT, false);
        WebServer replay = Replay.start(file, listen, AdminOptions.token(tokenFile), speed);
        ProgramLog log = new ProgramLog();
        log.replaying(file, replay.endpoint());
        UntilSignal.run(CommandLine.ExitCode.OK, () -> {
            replay.close();
            log.stopped();
            Logging.stop();
        });
        return CommandLine.ExitCode.OK;
    }

    private void checkOptions() {
        if (!(speed >= MIN_SPEED && speed <= MAX_SPEED)) {
            throw new ParameterException(
                    spec.commandLine(), "--speed must be between " + MIN_SPEED + " and 1000, not " + speed);
        }
        UserErrors.inOptions(spec, () -> WebServer.resolve(listen, AdminOptions.token(tokenFile)));
    }
}
