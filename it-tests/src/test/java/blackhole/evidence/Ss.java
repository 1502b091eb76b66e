package blackhole.evidence;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import blackhole.client.evidence.SocketRow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code ss -tino} prints of one socket.
 *
 * @param line all of it, on one line
 */
record Ss(String line) {

    static void orSkip() throws InterruptedException {
        try {
            assumeTrue(run("ss", "-V").contains("iproute2"), "ss does not say that it is iproute2's");
        } catch (IOException e) {
            assumeTrue(false, "ss of iproute2 is not installed");
        }
    }

    static Optional<Ss> of(SocketRow row) {
        try {
            String filter = "sport = :" + row.local().getPort() + " and dport = :"
                    + row.remote().getPort();
            String line = run("ss", "-tinoHO", filter).strip();
            return line.isEmpty() ? Optional.empty() : Optional.of(new Ss(line));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    String state() {
        return line.split("\\s+")[0];
    }

    /** The number after {@code name:}, or 0, because ss leaves out what is zero. */
    long number(String name) {
        Matcher field = Pattern.compile("(?:^|\\s)" + name + ":(\\d+)").matcher(line);
        return field.find() ? Long.parseLong(field.group(1)) : 0;
    }

    /** {@code none}, {@code keepalive}, {@code on} … */
    String timerKind() {
        Matcher timer = Pattern.compile("timer:\\((\\w+),").matcher(line);
        return timer.find() ? timer.group(1) : "none";
    }

    /** ss writes 5.564 s as {@code 5.564ms}, 400 ms as {@code 400ms}, whole ones as {@code 36sec}, {@code 1min36sec}. */
    double timerSeconds() {
        Matcher timer = Pattern.compile("timer:\\(\\w+,(?:(\\d+)min)?(?:(\\d+)sec|(\\d+)\\.(\\d{3})ms|(\\d+)ms)?,")
                .matcher(line);
        if (!timer.find()) {
            return 0;
        }
        double seconds = timer.group(1) == null ? 0 : 60 * Double.parseDouble(timer.group(1));
        if (timer.group(2) != null) {
            seconds += Double.parseDouble(timer.group(2));
        } else if (timer.group(3) != null) {
            seconds += Double.parseDouble(timer.group(3) + "." + timer.group(4));
        } else if (timer.group(5) != null) {
            seconds += Double.parseDouble(timer.group(5)) / 1000;
        }
        return seconds;
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }
}
