package blackhole.middlebox.wire;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What passes over the loopback interface on some TCP ports: written by tcpdump, read with tshark. */
final class Capture implements AutoCloseable {
    private static final int FIN = 0x01;
    private static final int SYN = 0x02;
    private static final int RST = 0x04;
    private static final int ACK = 0x10;

    private final Process tcpdump;
    private final Path file;

    /**
     * A TCP segment as it was sent; the kernel may have joined several to one.
     *
     * @param at seconds since 1970
     * @param acknowledged the acknowledgement number, absolute
     * @param sequence the sequence number, absolute
     */
    record Segment(double at, int from, int to, int flags, long sequence, long acknowledged, int length) {
        boolean isFin() {
            return (flags & FIN) != 0;
        }

        boolean isSyn() {
            return (flags & SYN) != 0;
        }

        boolean isRst() {
            return (flags & RST) != 0;
        }

        /** Whether it tells its receiver that {@code data} has arrived; sequence numbers wrap. */
        boolean acknowledges(Segment data) {
            return (flags & ACK) != 0 && (int) (acknowledged - data.sequence) > 0;
        }
    }

    private Capture(Process tcpdump, Path file) {
        this.tcpdump = tcpdump;
        this.file = file;
    }

    /** Why nothing can be captured here; empty when it can. */
    static Optional<String> whyNot() {
        List<String> missing = Stream.of("tcpdump", "tshark")
                .filter(tool -> Stream.of(System.getenv("PATH").split(File.pathSeparator))
                        .noneMatch(directory -> Files.isExecutable(Path.of(directory, tool))))
                .toList();
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of("the capture is not asserted: " + String.join(" and ", missing) + " is not installed");
    }

    /** Captures from the time when this returns. Empty when this user may not capture. */
    static Optional<Capture> start(Path directory, Collection<Integer> ports) throws IOException {
        Path file = directory.resolve("capture.pcap");
        String filter = ports.stream().map(port -> "tcp port " + port).collect(Collectors.joining(" or "));
        Process tcpdump = new ProcessBuilder(
                        "tcpdump",
                        "-i",
                        "lo",
                        "-n",
                        "--immediate-mode",
                        "-U",
                        "-Z",
                        "root",
                        "-s",
                        "128",
                        "-w",
                        file.toString(),
                        filter)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader log =
                new BufferedReader(new InputStreamReader(tcpdump.getErrorStream(), StandardCharsets.UTF_8));
        for (String line = log.readLine(); line != null; line = log.readLine()) {
            if (line.contains("listening on")) {
                return Optional.of(new Capture(tcpdump, file));
            }
        }
        return Optional.empty();
    }

    /** Ends the capture and reads it. */
    List<Segment> stop() throws IOException, InterruptedException {
        close();
        Process tshark = new ProcessBuilder(
                        "tshark",
                        "-n",
                        "-r",
                        file.toString(),
                        "-T",
                        "fields",
                        "-E",
                        "separator=,",
                        "-e",
                        "frame.time_epoch",
                        "-e",
                        "tcp.srcport",
                        "-e",
                        "tcp.dstport",
                        "-e",
                        "tcp.flags",
                        "-e",
                        "tcp.seq_raw",
                        "-e",
                        "tcp.ack_raw",
                        "-e",
                        "tcp.len")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<Segment> segments = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(tshark.getInputStream(), StandardCharsets.UTF_8))) {
            lines.lines().map(Capture::segment).forEach(segments::add);
        }
        if (tshark.waitFor() != 0) {
            throw new IOException("tshark failed on " + file);
        }
        return segments;
    }

    private static Segment segment(String line) {
        String[] fields = line.split(",");
        return new Segment(
                Double.parseDouble(fields[0]),
                Integer.parseInt(fields[1]),
                Integer.parseInt(fields[2]),
                Integer.decode(fields[3]),
                Long.parseLong(fields[4]),
                Long.parseLong(fields[5]),
                Integer.parseInt(fields[6]));
    }

    @Override
    public void close() throws IOException {
        tcpdump.destroy();
        try {
            if (!tcpdump.waitFor(10, TimeUnit.SECONDS)) {
                tcpdump.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
