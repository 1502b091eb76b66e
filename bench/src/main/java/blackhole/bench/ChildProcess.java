package blackhole.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process under test with its descendants, and what the kernel says about them. */
final class ChildProcess implements AutoCloseable {
    /** Linux shows times in /proc in 1/100 s whatever the kernel's tick is: USER_HZ, proc(5). */
    private static final double TICKS_PER_SECOND = 100;

    private static final int UTIME = 13;
    private static final int CSTIME = 16;
    private static final int PAGE = 4096;

    private final Process process;

    private ChildProcess(Process process) {
        this.process = process;
    }

    /** Starts a command in {@code directory}, its output going to {@code log}. */
    static ChildProcess start(List<String> command, Path directory, Path log) {
        try {
            return new ChildProcess(new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** User and system time so far, of the process, its descendants, and those it has waited for. */
    double cpuSeconds() {
        return family().mapToDouble(ChildProcess::cpuSeconds).sum();
    }

    private Stream<ProcessHandle> family() {
        return Stream.concat(Stream.of(process.toHandle()), process.toHandle().descendants());
    }

    private static double cpuSeconds(ProcessHandle handle) {
        String stat = read(Path.of("/proc", Long.toString(handle.pid()), "stat"));
        if (stat.isEmpty()) {
            return 0;
        }
        // The command's name, in parentheses, may hold blanks.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        long ticks = 0;
        for (int i = UTIME; i <= CSTIME; i++) {
            ticks += Long.parseLong(fields[i - 2]);
        }
        return ticks / TICKS_PER_SECOND;
    }

    /** Resident memory of the process itself. */
    long residentBytes() {
        String statm = read(Path.of("/proc", Long.toString(process.pid()), "statm"));
        return statm.isEmpty() ? 0 : Long.parseLong(statm.split(" ")[1]) * PAGE;
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() {
        List<ProcessHandle> all = family().toList();
        all.forEach(ProcessHandle::destroy);
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                all.forEach(ProcessHandle::destroyForcibly);
                process.waitFor(5, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
