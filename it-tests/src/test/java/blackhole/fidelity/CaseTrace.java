package blackhole.fidelity;

import blackhole.fidelity.CaseRun.Phase;
import blackhole.support.Capture.Packet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A case as its two hosts saw it, in words that leave out what differs from run to run: absolute times, numbers of
 * retransmissions, port numbers, how a long transfer was cut into segments.
 *
 * <p>The words: {@code SYN}, {@code SYN-ACK}, {@code FIN}, {@code RST}; {@code data 10}, ten bytes; {@code ack}, for data
 * or of a window; {@code probe}, a keepalive or zero-window probe, and {@code answer}, the ACK for one. What is the same
 * several times in a row is said once, and how the gaps grew; {@code 2:} is the case's second connection.
 */
final class CaseTrace {
    /** Where in a case something was seen: in this phase, by this host, and whether it sent, received or reported it. */
    record Place(String phase, String host, String what) {
        @Override
        public String toString() {
            return phase + ", " + host + " " + what;
        }
    }

    /** More than anything the cases send on purpose, bar a long transfer. */
    private static final int LONG_TRANSFER = 200;

    /** A gap that is longer than the one before by more than this is not an even one. */
    private static final double EVEN = 1.25;

    /** Twice as long, with room for a noisy machine and for the kernel's own rounding. */
    private static final double DOUBLE_AT_MOST = 3.5;

    private final List<Phase> phases;
    private final Map<Place, List<Run>> runs = new LinkedHashMap<>();

    /** @param phases the last one only ends the one before */
    CaseTrace(List<Phase> phases) {
        this.phases = phases;
        for (Phase phase : phases.subList(0, phases.size() - 1)) {
            for (String host : List.of("client", "server")) {
                for (String what : List.of("sends", "receives", "reports")) {
                    runs.put(new Place(phase.name(), host, what), new ArrayList<>());
                }
            }
        }
    }

    List<Place> places() {
        return List.copyOf(runs.keySet());
    }

    /** What was seen at a place, in words; "nothing" if nothing was. */
    String at(Place place) {
        List<Run> seen = runs.getOrDefault(place, List.of());
        return seen.isEmpty() ? "nothing" : seen.stream().map(Run::toString).collect(Collectors.joining(" / "));
    }

    /** When each of the words of {@link #at} began, since the phase's begin. */
    List<Duration> times(Place place) {
        Instant begin = phases.stream()
                .filter(phase -> phase.name().equals(place.phase()))
                .findFirst()
                .orElseThrow()
                .begin();
        return runs.getOrDefault(place, List.of()).stream()
                .map(run -> Duration.between(begin, run.at.get(0)))
                .toList();
    }

    /** Adds the packets that a host saw of the case, in the order of time. */
    void addPackets(String host, String address, List<Packet> packets) {
        Map<Integer, Integer> numbers = new HashMap<>();
        Map<String, Direction> directions = new HashMap<>();
        for (Packet packet : packets) {
            Integer number = numbers.get(packet.connection());
            if (number == null) {
                number = numbers.size() + 1;
                numbers.put(packet.connection(), number);
            }
            boolean sent = packet.source().equals(address);
            Direction from = directions.computeIfAbsent(number + (sent ? "out" : "in"), d -> new Direction());
            Direction to = directions.computeIfAbsent(number + (sent ? "in" : "out"), d -> new Direction());
            Run run = from.describe(packet, to, number);
            run.isTransfer = from.transfersLong || to.transfersLong;
            add(packet.at(), host, sent ? "sends" : "receives", run);
        }
    }

    /** Adds what a host's application reported about the case, by connection: each has a thread of its own that reports. */
    void addEvents(String host, List<PeerProcess.Event> events) {
        for (PeerProcess.Event event : events.stream()
                .sorted(Comparator.comparing(PeerProcess.Event::connection))
                .toList()) {
            String number = event.connection().replaceFirst(".*#", "");
            String words = event.what().matches("received \\d{4,}") ? "received a long transfer" : event.what();
            add(event.at(), host, "reports", new Run((number.equals("1") ? "" : number + ": ") + words, "", Gaps.NONE));
        }
    }

    private void add(Instant at, String host, String what, Run run) {
        phaseAt(at).ifPresent(phase -> {
            List<Run> seen = runs.getOrDefault(new Place(phase.name(), host, what), new ArrayList<>());
            if (run.isTransfer && run.gaps == Gaps.NONE) {
                dropPauses(seen, run);
            }
            Run last = seen.isEmpty() ? null : seen.get(seen.size() - 1);
            if (last == null || !last.isContinuedBy(run)) {
                last = run;
                seen.add(run);
            }
            last.at.add(at);
        });
    }

    /** A long transfer that paused, and goes on: the probes of the pause are no events of their own. */
    private static void dropPauses(List<Run> seen, Run goesOn) {
        for (int i = seen.size() - 2; i >= 0 && seen.get(i + 1).isTransfer; i--) {
            if (seen.get(i).isContinuedBy(goesOn)) {
                seen.subList(i + 1, seen.size()).clear();
                return;
            }
        }
    }

    private Optional<Phase> phaseAt(Instant time) {
        return phases.stream().filter(phase -> !time.isBefore(phase.begin())).reduce((earlier, later) -> later);
    }

    /** What is said about the gaps of a run. */
    private enum Gaps {
        /** Nothing, not even that it is several packets. */
        NONE,
        /** Only that it is several packets. */
        ANY,
        /** A schedule's. */
        ALL,
        /** A schedule's, but a tail loss probe (RFC 8985) may come before it. */
        ALL_BUT_FIRST
    }

    /** Packets in a row that are the same but for their times. */
    private static final class Run {
        final String words;
        final String identity;
        final Gaps gaps;
        boolean isTransfer;
        final List<Instant> at = new ArrayList<>();

        Run(String words, String identity, Gaps gaps) {
            this.words = words;
            this.identity = identity;
            this.gaps = gaps;
        }

        boolean isContinuedBy(Run next) {
            boolean isSame = next.words.equals(words) || next.words.equals(words + " again");
            return isSame && next.identity.equals(identity);
        }

        @Override
        public String toString() {
            if (at.size() == 1 || gaps == Gaps.NONE) {
                return words;
            }
            List<Double> ratios = ratios(gaps == Gaps.ALL_BUT_FIRST ? 1 : 0);
            if (ratios.isEmpty() || gaps == Gaps.ANY) {
                return words + ", repeated";
            }
            if (ratios.stream().allMatch(ratio -> ratio > EVEN && ratio < DOUBLE_AT_MOST)) {
                return words + ", repeated with doubling gaps";
            }
            if (ratios.stream().allMatch(ratio -> ratio > 1 / EVEN && ratio < EVEN)) {
                return words + ", repeated with even gaps";
            }
            return words + ", repeated with uneven gaps";
        }

        private List<Double> ratios(int gapsLeftOut) {
            List<Double> ratios = new ArrayList<>();
            for (int i = 2 + gapsLeftOut; i < at.size(); i++) {
                double gap = Duration.between(at.get(i - 1), at.get(i)).toNanos();
                ratios.add(gap / Duration.between(at.get(i - 2), at.get(i - 1)).toNanos());
            }
            return ratios;
        }
    }

    /** One direction of one connection, up to the last packet described. */
    private static final class Direction {
        private long nextSequence = Long.MIN_VALUE;
        private boolean transfersLong;
        private boolean lastWasProbe;

        /** Says what the next packet of this direction is. */
        Run describe(Packet packet, Direction opposite, int connection) {
            boolean isNew = packet.sequence() >= nextSequence;
            boolean carries = packet.isSyn() || packet.isFin() || packet.length() > 0;
            boolean isBare = !carries && !packet.isRst();
            boolean isAnswer = isBare && isNew && opposite.lastWasProbe;
            transfersLong |= packet.length() >= LONG_TRANSFER;
            lastWasProbe = isBare && !isNew;
            opposite.lastWasProbe &= !isAnswer;
            if (carries) {
                int length = packet.length() + (packet.isSyn() ? 1 : 0) + (packet.isFin() ? 1 : 0);
                nextSequence = Math.max(nextSequence, packet.sequence() + length);
            }

            String number = connection == 1 ? "" : connection + ": ";
            if (packet.isRst()) {
                return new Run(number + "RST", "", Gaps.ANY);
            }
            if (lastWasProbe) {
                return new Run(number + "probe", "", Gaps.ALL);
            }
            if (isAnswer) {
                // The kernel answers at most one probe in half a second, so the gaps say nothing.
                return new Run(number + "answer" + (packet.window() == 0 ? ", window closed" : ""), "", Gaps.ANY);
            }
            if (isBare) {
                return new Run(number + "ack", "", Gaps.NONE);
            }
            if (packet.length() >= LONG_TRANSFER || (packet.length() > 0 && transfersLong)) {
                return new Run(number + "a long transfer", "", Gaps.NONE);
            }
            String again = isNew ? "" : " again";
            // How often a SYN is repeated evenly before the gaps double is a setting, net.ipv4.tcp_syn_linear_timeouts.
            Gaps gaps = packet.isSyn() ? Gaps.ANY : Gaps.ALL_BUT_FIRST;
            return new Run(number + contents(packet) + again, "@" + packet.sequence(), gaps);
        }

        private static String contents(Packet packet) {
            if (packet.isSyn()) {
                return packet.isAck() ? "SYN-ACK" : "SYN";
            }
            String data = packet.length() > 0 ? "data " + packet.length() : "";
            String fin = packet.isFin() ? "FIN" : "";
            return data + (data.isEmpty() || fin.isEmpty() ? "" : " + ") + fin;
        }
    }
}
