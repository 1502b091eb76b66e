package blackhole.proxy.wrap;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The programs' ends of connections, as of one moment: /proc/net/tcp and tcp6, proc(5). */
final class ClientSockets {
    /** {@code TCP_ESTABLISHED} and {@code TCP_CLOSE_WAIT}, include/net/tcp_states.h. */
    private static final List<String> OPEN = List.of("01", "08");

    /** The first three words of an IPv4-mapped address; the kernel prints words in this machine's byte order. */
    private static final String MAPPED = "0000000000000000FFFF0000";

    private final Map<String, String> states = new HashMap<>();

    private ClientSockets() {}

    static ClientSockets now() throws IOException {
        ClientSockets sockets = new ClientSockets();
        for (String table : List.of("tcp", "tcp6")) {
            Path file = Path.of("/proc/net", table);
            if (Files.exists(file)) {
                try (Stream<String> lines = Files.lines(file)) {
                    lines.skip(1)
                            .map(line -> line.strip().split("\\s+"))
                            .forEach(fields -> sockets.states.put(
                                    fields[1].replace(MAPPED, "") + " " + fields[2].replace(MAPPED, ""), fields[3]));
                }
            }
        }
        return sockets;
    }

    /** Returns whether a program holds its end open; null if the kernel doesn't know the connection any more. */
    @Nullable
    Boolean isOpen(InetSocketAddress from, InetSocketAddress to) {
        String state = states.get(text(from) + " " + text(to));
        return state == null ? null : OPEN.contains(state);
    }

    static String text(InetSocketAddress address) {
        ByteBuffer words = ByteBuffer.wrap(address.getAddress().getAddress()).order(ByteOrder.nativeOrder());
        StringBuilder text = new StringBuilder();
        while (words.hasRemaining()) {
            text.append("%08X".formatted(words.getInt()));
        }
        return (address.getAddress() instanceof Inet4Address
                        ? text.toString()
                        : text.toString().replace(MAPPED, ""))
                + ":%04X".formatted(address.getPort());
    }
}
