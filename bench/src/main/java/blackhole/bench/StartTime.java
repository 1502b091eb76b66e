package blackhole.bench;

import java.nio.file.Path;
import java.util.List;

/** Measures the time from the start of the process to the first connection that it accepts. */
record StartTime(Path directory, int rounds) {
    void run(List<Contender> contenders, Results results) throws Exception {
        try (Servers servers = new Servers()) {
            for (int round = 0; round <= rounds; round++) {
                for (Contender contender : contenders) {
                    long begin = System.nanoTime();
                    try (Contender.Running running = contender.start(directory, servers.echoPorts())) {
                        if (round > 0) {
                            results.recorder(running.name())
                                    .less(
                                            "process start to first accepted connection",
                                            "s",
                                            (System.nanoTime() - begin) / 1e9);
                        }
                    }
                }
            }
        }
    }
}
