package blackhole.client.evidence;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The kernel's table of TCP sockets, {@code /proc/net/tcp} and {@code /proc/net/tcp6}, the only unprivileged source of a
 * socket's timer; see proc_pid_net(5). A JVM's IPv4 connections are in the second, as mapped addresses.
 */
final class ProcNetTcp {

    private static final Path TABLE = Path.of("/proc/net/tcp");
    private static final Path TABLE_6 = Path.of("/proc/net/tcp6");

    /** USER_HZ, the unit of times in /proc: 100 per second on all supported architectures. */
    private static final long TICK_MILLIS = 10;

    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final int STATE = 3;
    private static final int TIMER = 5;
    private static final int RETRANSMITS = 6;
    private static final int PROBES = 8;

    private final Map<Endpoints, Line> lines = new HashMap<>();

    private record Endpoints(InetSocketAddress local, InetSocketAddress remote) {}

    /** One socket, with its state as {@code ss} names it. */
    record Line(String state, KernelTimer timer) {}

    /** @throws IOException if there is no such table, as on any system but Linux */
    static ProcNetTcp read() throws IOException {
        ProcNetTcp table = new ProcNetTcp();
        table.parse(Files.readAllLines(TABLE, US_ASCII));
        if (Files.exists(TABLE_6)) {
            table.parse(Files.readAllLines(TABLE_6, US_ASCII));
        }
        return table;
    }

    Optional<Line> find(InetSocketAddress local, InetSocketAddress remote) {
        return Optional.ofNullable(lines.get(new Endpoints(local, remote)));
    }

    /** @param text with a header */
    void parse(List<String> text) {
        for (String each : text.subList(1, text.size())) {
            String[] fields = each.trim().split("\\s+");
            lines.put(new Endpoints(address(fields[LOCAL]), address(fields[REMOTE])), line(fields));
        }
    }

    private static Line line(String[] fields) {
        int colon = fields[TIMER].indexOf(':');
        int kind = Integer.parseInt(fields[TIMER].substring(0, colon), 16);
        // Negative, as a 64-bit number, if the timer is due but has not run yet.
        long ticks = Math.max(0, Long.parseUnsignedLong(fields[TIMER].substring(colon + 1), 16));
        String state = TcpState.name(Integer.parseInt(fields[STATE], 16));
        KernelTimer.Kind[] kinds = KernelTimer.Kind.values();
        if (kind == 0 || kind >= kinds.length) {
            return new Line(state, KernelTimer.NONE);
        }
        int count = kinds[kind] == KernelTimer.Kind.ON
                ? Integer.parseUnsignedInt(fields[RETRANSMITS], 16)
                : Integer.parseInt(fields[PROBES]);
        return new Line(state, new KernelTimer(kinds[kind], Duration.ofMillis(ticks * TICK_MILLIS), count));
    }

    /** The address is written as 32-bit words in the machine's byte order, the port as a number. */
    private static InetSocketAddress address(String field) {
        int colon = field.indexOf(':');
        ByteBuffer bytes = ByteBuffer.allocate(colon / 2).order(ByteOrder.nativeOrder());
        for (int word = 0; word < colon; word += 8) {
            bytes.putInt(Integer.parseUnsignedInt(field.substring(word, word + 8), 16));
        }
        try {
            return new InetSocketAddress(
                    InetAddress.getByAddress(bytes.array()), Integer.parseInt(field.substring(colon + 1), 16));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + bytes.capacity() + " bytes in /proc/net/tcp", e);
        }
    }
}
