package blackhole.fidelity;

import blackhole.fidelity.Namespaces.Host;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Records the TCP packets that a host sends and receives. */
final class Capture {
    /**
     * A packet as a host saw it.
     *
     * @param sent by the host, or else received by it
     * @param serverPort the port of the server's side, which tells the case
     * @param connection tells the connections of one capture apart
     * @param acknowledges whether the ACK flag is set
     * @param sequence relative to the connection's begin
     * @param window as it stands in the header, not scaled
     */
    record Packet(
            Instant at,
            boolean sent,
            int serverPort,
            int connection,
            boolean syn,
            boolean fin,
            boolean rst,
            boolean acknowledges,
            long sequence,
            int length,
            int window) {}

    private static final List<String> FIELDS = List.of(
            "frame.time_epoch",
            "ip.src",
            "tcp.srcport",
            "tcp.dstport",
            "tcp.stream",
            "tcp.flags",
            "tcp.seq",
            "tcp.len",
            "tcp.window_size_value");

    private static final int FIN = 1;
    private static final int SYN = 2;
    private static final int RST = 4;
    private static final int ACK = 16;

    private final Path file;
    private final String address;
    private final Process process;

    Capture(Namespaces namespaces, Host host, String address, Path file) throws IOException {
        this.address = address;
        this.file = file;
        // Headers only; -Z root: tcpdump as another user could not write where we may.
        process = namespaces.start(
                host,
                new ProcessBuilder(
                                "tcpdump",
                                "-i",
                                "eth0",
                                "-Z",
                                "root",
                                "-s",
                                "96",
                                "-B",
                                "8192",
                                "-U",
                                "--immediate-mode",
                                "-w",
                                file.toString(),
                                "tcp")
                        .redirectErrorStream(true));
        BufferedReader messages = process.inputReader(StandardCharsets.UTF_8);
        for (String line = messages.readLine(); ; line = messages.readLine()) {
            if (line == null) {
                throw new IOException("tcpdump does not start on " + host);
            }
            if (line.contains("listening on")) {
                return;
            }
        }
    }

    /** Ends the recording and reads it. */
    List<Packet> stop() throws IOException {
        process.destroy();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        StringBuilder command = new StringBuilder("tshark -n -r " + file + " -T fields -E separator=,");
        FIELDS.forEach(field -> command.append(" -e ").append(field));
        return Namespaces.execute(command.toString().split(" "))
                .lines()
                .filter(line -> line.matches("\\d.*"))
                .map(this::parse)
                .toList();
    }

    private Packet parse(String line) {
        String[] field = line.split(",", -1);
        boolean sent = field[1].equals(address);
        int source = Integer.parseInt(field[2]);
        int destination = Integer.parseInt(field[3]);
        int flags = Integer.decode(field[5]);
        return new Packet(
                at(field[0]),
                sent,
                Math.min(source, destination),
                Integer.parseInt(field[4]),
                (flags & SYN) != 0,
                (flags & FIN) != 0,
                (flags & RST) != 0,
                (flags & ACK) != 0,
                Long.parseLong(field[6]),
                Integer.parseInt(field[7]),
                Integer.parseInt(field[8]));
    }

    private static Instant at(String secondsSinceEpoch) {
        String[] part = secondsSinceEpoch.split("\\.");
        Duration fraction = Duration.ofNanos(Long.parseLong((part[1] + "000000000").substring(0, 9)));
        return Instant.ofEpochSecond(Long.parseLong(part[0])).plus(fraction);
    }
}
