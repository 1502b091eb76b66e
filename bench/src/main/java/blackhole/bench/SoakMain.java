package blackhole.bench;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** bench/soak. */
@Command(
        name = "bench/soak",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Lets flows open, send, idle, expire, heal and reset at random, and checks every byte and count.")
final class SoakMain implements Callable<Integer> {
    @Option(names = "--minutes", paramLabel = "M", description = "Duration (default: ${DEFAULT-VALUE}).")
    private double minutes = 20;

    @Option(names = "--flows", paramLabel = "N", description = "Concurrent flows (default: ${DEFAULT-VALUE}).")
    private int flows = 2_000;

    @Option(names = "--seed", paramLabel = "N", description = "Repeats a run (default: a new seed each time).")
    private @Nullable Long seed;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new SoakMain()).execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException {
        long chosen = seed != null ? seed : System.nanoTime();
        System.out.println("seed " + chosen);
        List<String> faults = new Soak(flows, Duration.ofMillis((long) (minutes * 60_000)), chosen).run();
        return faults.isEmpty() ? 0 : 1;
    }
}
