package blackhole.bench;

import java.nio.file.Path;
import java.util.List;

/** From the start of the process to the first connection that it accepts. */
final class StartTime {
    private static final Metric METRIC = Metric.less("process start to first accepted connection", "s");

    private final Path directory;
    private final int rounds;

    StartTime(Path directory, int rounds) {
        this.directory = directory;
        this.rounds = rounds;
    }

    void run(List<Contender> contenders, Results results) throws Exception {
        try (Servers servers = new Servers()) {
            for (int round = 0; round <= rounds; round++) {
                for (Contender contender : contenders) {
                    long begin = System.nanoTime();
                    try (Contender.Running running = contender.start(directory, servers.ports())) {
                        if (round > 0) {
                            results.add(METRIC, running.name(), (System.nanoTime() - begin) / 1e9);
                        }
                    }
                }
            }
        }
    }
}
