package blackhole.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code ss -tinop} prints about one socket.
 *
 * @param line all of it, on one line
 */
public record Ss(String line) {
    private static final Pattern TIMER = Pattern.compile("timer:\\((\\w+),([^,]*),");
    private static final Pattern TIME = Pattern.compile("(?:(\\d+)min)?(?:(\\d+)sec|(\\d+)\\.(\\d{3})ms|(\\d+)ms)?");

    public static void orSkip() {
        assumeTrue(Tools.isInstalled("ss"), "ss of iproute2 is not installed");
    }

    /** The socket with these ports. */
    public static Optional<Ss> connection(int localPort, int remotePort) {
        return matching("sport = :" + localPort + " and dport = :" + remotePort).stream()
                .findFirst();
    }

    /** The established connections of these processes to that port. */
    public static List<Ss> connections(List<Long> pids, int remotePort) {
        return matching("dport = :" + remotePort).stream()
                .filter(ss -> ss.state().equals("ESTAB"))
                .filter(ss -> pids.stream().anyMatch(pid -> ss.line.contains("pid=" + pid + ",")))
                .toList();
    }

    private static List<Ss> matching(String filter) {
        return Tools.run("ss", "-tinopHO", filter)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .map(Ss::new)
                .toList();
    }

    public String state() {
        return line.split("\\s+")[0];
    }

    /** The number after {@code name:}, or 0, because ss leaves out what is zero. */
    public long number(String name) {
        Matcher field = Pattern.compile("(?:^|\\s)" + name + ":(\\d+)").matcher(line);
        return field.find() ? Long.parseLong(field.group(1)) : 0;
    }

    /** {@code none}, {@code keepalive}, {@code on} … */
    public String timerKind() {
        Matcher timer = TIMER.matcher(line);
        return timer.find() ? timer.group(1) : "none";
    }

    /** ss writes 5.564 s as {@code 5.564ms}, 400 ms as {@code 400ms}, whole ones as {@code 36sec}, {@code 1min36sec}. */
    public double timerSeconds() {
        Matcher timer = TIMER.matcher(line);
        if (!timer.find()) {
            return 0;
        }
        Matcher time = TIME.matcher(timer.group(2));
        if (!time.matches()) {
            throw new IllegalStateException(line);
        }
        return number(time, 1) * 60 + number(time, 2) + number(time, 3) + (number(time, 4) + number(time, 5)) / 1000;
    }

    private static double number(Matcher matcher, int group) {
        return matcher.group(group) == null ? 0 : Double.parseDouble(matcher.group(group));
    }
}
