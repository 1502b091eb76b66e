package blackhole.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The socket options that another process sets, as strace shows them. */
final class Strace {

    /** As in {@code setsockopt(88<TCPv6:[…]>, SOL_TCP, TCP_KEEPIDLE, [37], 4) = 0}, or interrupted by another thread's. */
    private static final Pattern SETSOCKOPT =
            Pattern.compile("setsockopt\\((\\d+)<(.*?)>, \\w+, (\\w+), \\[(\\d+)], 4(?:\\) += 0| <unfinished)");

    /** As in {@code TCPv6:[[::ffff:127.0.0.1]:40312->[::ffff:127.0.0.1]:9092]}. */
    private static final Pattern ENDPOINTS = Pattern.compile("\\[(\\S+->\\S+:(\\d+))]$");

    private Strace() {}

    /** The command that writes each {@code setsockopt} of what follows it to the file. */
    static String[] command(Path file) {
        String command = "strace -f -yy -qq --seccomp-bpf -e trace=setsockopt -e signal=none -o";
        return Stream.concat(Stream.of(command.split(" ")), Stream.of("" + file))
                .toArray(String[]::new);
    }

    /**
     * The integer options set on each connection to that port, by the connection's endpoints; the last value counts. If
     * strace could not find the endpoints, which happens on a busy machine, they are those last seen for the descriptor.
     */
    static Map<String, Map<String, Integer>> optionsSet(Path strace, int remotePort) throws IOException {
        Map<String, String> endpointsByDescriptor = new HashMap<>();
        Map<String, Map<String, Integer>> bySocket = new TreeMap<>();
        for (String line : Files.readAllLines(strace)) {
            Matcher call = SETSOCKOPT.matcher(line);
            if (!call.find()) {
                continue;
            }
            Matcher endpoints = ENDPOINTS.matcher(call.group(2));
            if (endpoints.find()) {
                endpointsByDescriptor.put(call.group(1), endpoints.group(1));
            }
            String socket = endpointsByDescriptor.getOrDefault(call.group(1), "not connected");
            if (socket.endsWith(":" + remotePort)) {
                bySocket.computeIfAbsent(socket, first -> new TreeMap<>())
                        .put(call.group(3), Integer.valueOf(call.group(4)));
            }
        }
        return bySocket;
    }
}
