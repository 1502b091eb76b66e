package blackhole.proxy.cli;

import static org.awaitility.Awaitility.await;

import blackhole.support.Idle;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The proxy's command line in a process of its own. */
final class ChildProxy implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("listening on 127\\.0\\.0\\.1:(\\d+)");
    private static final int UTIME = 13;
    private static final int STIME = 14;

    /** USER_HZ, which is 100 on every Linux there is: sysconf(_SC_CLK_TCK). */
    private static final double TICKS_PER_SECOND = 100;

    private final Process process;
    private final List<Line> lines = new CopyOnWriteArrayList<>();

    /** A line of its log. */
    record Line(String text) {
        boolean isWarning() {
            return text.contains(" WARN ") || text.contains(" ERROR ");
        }
    }

    private ChildProxy(Process process) {
        this.process = process;
        Thread reader = new Thread(this::readLog, "log");
        reader.setDaemon(true);
        reader.start();
    }

    /** @param descriptors the limit of open files, the hard one too, as a JVM raises its soft limit to that */
    static ChildProxy start(int descriptors, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "bash",
                "-c",
                "ulimit -n " + descriptors + "; exec \"$@\"",
                "bash",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-Dio.netty.leakDetection.level=paranoid",
                "-cp",
                System.getProperty("java.class.path"),
                ProxyMain.class.getName()));
        command.addAll(List.of(options));
        ChildProxy proxy = new ChildProxy(
                new ProcessBuilder(command).redirectErrorStream(true).start());
        await().atMost(Duration.ofSeconds(20)).until(() -> proxy.port() > 0);
        return proxy;
    }

    private void readLog() {
        try (BufferedReader log = process.inputReader(StandardCharsets.UTF_8)) {
            log.lines().map(Line::new).forEach(lines::add);
        } catch (IOException | UncheckedIOException e) {
            // The process has ended.
        }
    }

    List<Line> lines() {
        return List.copyOf(lines);
    }

    static boolean isStarving(Line line) {
        return line.text().contains("out of file descriptors");
    }

    /** 0 before it listens. */
    int port() {
        return lines.stream()
                .map(line -> LISTENING.matcher(line.text()))
                .filter(Matcher::find)
                .findFirst()
                .map(matcher -> Integer.parseInt(matcher.group(1)))
                .orElse(0);
    }

    /** The processor time it takes from now on, 1 for a whole core. */
    double shareOfCore(Duration during) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        double ticks = ticks();
        Idle.idleFor(during);
        return (ticks() - ticks) / TICKS_PER_SECOND / ((System.nanoTime() - begin) / 1e9);
    }

    private double ticks() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        // The name, in parentheses, may hold blanks; what follows is field 2 on.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Double.parseDouble(fields[UTIME - 2]) + Double.parseDouble(fields[STIME - 2]);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
