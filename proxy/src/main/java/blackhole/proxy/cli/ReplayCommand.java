package blackhole.proxy.cli;

import blackhole.middlebox.config.UsageException;
import blackhole.proxy.recording.ReplayServer;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {"Shows a run that was recorded with --record in the live page, without broker and proxy.", ""},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:ended by SIGTERM or SIGINT",
            "1:could not start: no recording, or a port in use",
            "2:a mistake in the options"
        })
final class ReplayCommand implements Callable<Integer> {
    private static final double SLOWEST = 0.01;
    private static final double FASTEST = 1_000;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "What --record wrote.")
    private Path file;

    @Mixin
    private ReplayOptions options;

    @Option(
            names = "--speed",
            paramLabel = "FACTOR",
            defaultValue = "1",
            description = "How fast: 2 is twice as fast as it happened (default: ${DEFAULT-VALUE}).")
    private double speed;

    @Override
    public Integer call() throws InterruptedException {
        checkOptions();
        Logging.start(ProxyCommand.LogFormat.TEXT, false);
        ReplayServer replay = options.start(file, speed);
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
        if (!(speed >= SLOWEST && speed <= FASTEST)) {
            throw new ParameterException(
                    spec.commandLine(), "--speed must be between " + SLOWEST + " and 1000, not " + speed);
        }
        try {
            options.check();
        } catch (UsageException e) {
            throw new ParameterException(spec.commandLine(), e.messageForCommandLine());
        }
    }
}
