package blackhole.support;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The TCP packets on a network interface: written by tcpdump, read with tshark. */
public final class Capture implements AutoCloseable {
    private static final List<String> FIELDS = List.of(
            "frame.time_epoch",
            "ip.src",
            "tcp.srcport",
            "tcp.dstport",
            "tcp.stream",
            "tcp.flags",
            "tcp.seq",
            "tcp.ack",
            "tcp.len",
            "tcp.window_size_value",
            "tcp.analysis.retransmission");

    private static final int FIN = 0x01;
    private static final int SYN = 0x02;
    private static final int RST = 0x04;
    private static final int ACK = 0x10;

    private final ChildProcess tcpdump;
    private final Path file;

    /**
     * A TCP segment as it was captured; the kernel may have joined several to one.
     *
     * @param source the sender's IPv4 address; empty for IPv6
     * @param connection numbers the connections of one capture
     * @param sequence relative to the start of the connection
     * @param acknowledged likewise
     * @param window as in the header, not scaled
     */
    public record Packet(
            Instant at,
            String source,
            int from,
            int to,
            int connection,
            int flags,
            long sequence,
            long acknowledged,
            int length,
            int window,
            boolean isRetransmission) {

        public boolean isFin() {
            return (flags & FIN) != 0;
        }

        public boolean isSyn() {
            return (flags & SYN) != 0;
        }

        public boolean isRst() {
            return (flags & RST) != 0;
        }

        public boolean isAck() {
            return (flags & ACK) != 0;
        }

        /** Whether this packet, sent the other way, acknowledges {@code data}. */
        public boolean acknowledges(Packet data) {
            return isAck() && acknowledged > data.sequence;
        }
    }

    private Capture(ChildProcess tcpdump, Path file) {
        this.tcpdump = tcpdump;
        this.file = file;
    }

    /** Why this machine can't capture; empty if it can. */
    public static Optional<String> whyNot() {
        List<String> missing = Tools.missing("tcpdump", "tshark");
        return !missing.isEmpty()
                ? Optional.of("not installed: " + String.join(", ", missing))
                : Tools.isRoot() ? Optional.empty() : Optional.of("only root can capture");
    }

    /**
     * Starts to capture and returns once it does.
     *
     * @param under a command that runs tcpdump, such as {@code ip netns exec NAME}
     */
    public static Capture start(Path file, String networkInterface, String filter, String... under) {
        // Headers only; -Z root: as another user, tcpdump could not write where we can.
        List<String> command =
                new ArrayList<>(List.of("tcpdump -n -Z root -s 128 -B 8192 -U --immediate-mode -i".split(" ")));
        command.addAll(List.of(networkInterface, "-w", file.toString(), filter));
        ChildProcess tcpdump = ChildProcess.in(
                        Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file has a directory"))
                .under(under)
                .start(command);
        tcpdump.awaitOutput("listening on");
        return new Capture(tcpdump, file);
    }

    /** Ends the capture and reads it. */
    public List<Packet> stop() {
        close();
        List<String> command =
                new ArrayList<>(List.of("tshark", "-n", "-r", file.toString(), "-T", "fields", "-E", "separator=,"));
        FIELDS.forEach(field -> command.addAll(List.of("-e", field)));
        return Tools.run(command.toArray(String[]::new))
                .lines()
                .filter(line -> line.matches("\\d.*"))
                .map(Capture::packet)
                .toList();
    }

    private static Packet packet(String line) {
        String[] field = line.split(",", -1);
        String[] time = field[0].split("\\.");
        Duration fraction = Duration.ofNanos(Long.parseLong((time[1] + "000000000").substring(0, 9)));
        return new Packet(
                Instant.ofEpochSecond(Long.parseLong(time[0])).plus(fraction),
                field[1],
                Integer.parseInt(field[2]),
                Integer.parseInt(field[3]),
                Integer.parseInt(field[4]),
                Integer.decode(field[5]),
                Long.parseLong(field[6]),
                Long.parseLong(field[7]),
                Integer.parseInt(field[8]),
                Integer.parseInt(field[9]),
                !field[10].isEmpty());
    }

    @Override
    public void close() {
        tcpdump.close();
    }
}
