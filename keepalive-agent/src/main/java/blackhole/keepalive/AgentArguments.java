package blackhole.keepalive;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What follows the {@code =} of {@code -javaagent:blackhole-keepalive-agent.jar=}.
 *
 * @param options for each Kafka client socket
 * @param log where to log each socket: null for nowhere, {@code true} for standard error, or a file
 * @param quiet whether to print nothing at startup
 */
record AgentArguments(SocketOptions options, @Nullable String log, boolean quiet) {

    static final String USAGE = """
            Usage: java -javaagent:blackhole-keepalive-agent.jar[=OPTION=VALUE,OPTION=VALUE...] ...

            Set TCP options on the sockets of Kafka clients (kafka-clients 2.8 to 4.x) in this JVM, and on no others.

              keepalive=on|off             Set SO_KEEPALIVE; off disables it explicitly, because kafka-clients enables it
                                           (default: on).
              keepalive-idle=DURATION      Set TCP_KEEPIDLE, in whole seconds; must be below the idle timeout of every
                                           NAT, firewall and load balancer on the path (default: 37s).
              keepalive-interval=DURATION  Set TCP_KEEPINTVL, in whole seconds (default: 9s).
              keepalive-count=N            Set TCP_KEEPCNT (default: 3).
              user-timeout=DURATION|off    Set TCP_USER_TIMEOUT: how long sent data may stay unacknowledged (Linux).
                                           Keepalive doesn't bound that. Keep it below request.timeout.ms, which is 30s
                                           unless changed (default: 20s).
              log=true|FILE                Log each socket, with its options as read back from the kernel, to standard
                                           error or to the end of FILE (default: off).
              quiet=true                   Don't print the line at startup that says what is set.
              help                         Print this help and exit.
              scoped                       Set no options; only prepare the JVM for SocketTuning.with(...).

            Durations: 1500ms, 37s, 5m, 2h or ISO 8601 (PT5M).
            An invalid option terminates the JVM with an error message.
            """;

    private static final List<String> TIMERS = List.of("keepalive-idle", "keepalive-interval", "keepalive-count");

    /** @throws IllegalArgumentException if an option is unknown, given twice, or has a wrong value; the message names it */
    static AgentArguments parse(String arguments) {
        Map<String, String> given = split(arguments);
        boolean keepAlive = keepAlive(given.remove("keepalive"));
        if (!keepAlive) {
            TIMERS.stream().filter(given::containsKey).findFirst().ifPresent(timer -> {
                throw new IllegalArgumentException(timer + " has no effect with keepalive=off; remove one of them");
            });
        }
        SocketOptions options = new SocketOptions(
                keepAlive,
                time("keepalive-idle", given.remove("keepalive-idle"), "37s"),
                time("keepalive-interval", given.remove("keepalive-interval"), "9s"),
                count(given.remove("keepalive-count")),
                userTimeout(given.remove("user-timeout")));
        String log = given.remove("log");
        boolean quiet = quiet(given.remove("quiet"));
        given.keySet().stream().findFirst().ifPresent(unknown -> {
            throw new IllegalArgumentException("unknown option '" + unknown + "'; the options are keepalive, "
                    + String.join(", ", TIMERS) + ", user-timeout, log, quiet, help, scoped");
        });
        return new AgentArguments(options, "false".equals(log) ? null : log, quiet);
    }

    private static boolean quiet(@Nullable String value) {
        if (value != null && !value.equals("true") && !value.equals("false")) {
            throw new IllegalArgumentException("quiet must be true or false, not '" + value + "'");
        }
        return "true".equals(value);
    }

    private static Map<String, String> split(String arguments) {
        Map<String, String> given = new LinkedHashMap<>();
        if (arguments.isBlank()) {
            return given;
        }
        for (String argument : arguments.split(",", -1)) {
            int equals = argument.indexOf('=');
            if (equals < 1 || equals == argument.length() - 1) {
                throw new IllegalArgumentException(
                        "'" + argument + "' is not OPTION=VALUE, as in keepalive-idle=37s,user-timeout=20s");
            }
            String name = argument.substring(0, equals).trim();
            if (given.put(name, argument.substring(equals + 1).trim()) != null) {
                throw new IllegalArgumentException(name + " was given twice");
            }
        }
        return given;
    }

    private static boolean keepAlive(@Nullable String value) {
        if (value != null && !value.equals("on") && !value.equals("off")) {
            throw new IllegalArgumentException("keepalive must be on or off, not '" + value + "'");
        }
        return !"off".equals(value);
    }

    private static Duration time(String name, @Nullable String value, String otherwise) {
        try {
            return Times.parse(value == null ? otherwise : value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
        }
    }

    private static int count(@Nullable String value) {
        try {
            return value == null ? 3 : Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("keepalive-count must be a number, not '" + value + "'", e);
        }
    }

    private static @Nullable Duration userTimeout(@Nullable String value) {
        return "off".equals(value) ? null : time("user-timeout", value, "20s");
    }
}
