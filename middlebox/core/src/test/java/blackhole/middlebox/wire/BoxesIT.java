package blackhole.middlebox.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.Profile;
import blackhole.middlebox.config.Profiles;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.Leg;
import blackhole.middlebox.wire.Capture.Segment;
import blackhole.middlebox.wire.Rig.Pair;
import blackhole.middlebox.wire.Watch.Seen;
import blackhole.middlebox.wire.Watch.Sight;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What each on-expiry behaviour and each profile does to a flow, seen by the sockets on both sides and on the wire. All
 * boxes are watched at once, before the tests; each test then looks at what was seen of one.
 */
class BoxesIT {
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration SILENCE = Duration.ofMillis(1_500);
    private static final Duration QUIET_BEFORE_SENDING = Duration.ofMillis(300);

    /** For a noisy machine; in a quiet one it takes some 10 ms. */
    private static final Duration LATE = Duration.ofSeconds(2);

    private static final List<Observation> OBSERVATIONS = new ArrayList<>();
    private static String whyNoCapture = "";
    private static List<Segment> segments = List.of();

    /** A box: what it is called, what the design says it does, and how it is set up. */
    private record Box(String name, OnExpiry expected, MiddleboxConfig middlebox, String host) {
        static Box profile(String name, OnExpiry expected) {
            MiddleboxConfig box = Profiles.builtIn().get(name).config();
            return new Box(name, expected, box.with(Setting.IDLE_TIMEOUT, IDLE_TIMEOUT), "127.0.0.1");
        }

        static Box behaviour(OnExpiry behaviour, String host) {
            MiddleboxConfig box = MiddleboxConfig.DEFAULT
                    .with(Setting.IDLE_TIMEOUT, IDLE_TIMEOUT)
                    .with(Setting.ON_EXPIRY, behaviour);
            return new Box(behaviour + " on " + host, behaviour, box, host);
        }
    }

    /** One end of a flow: its ports on the wire, and what its socket saw. */
    private record End(int peerPort, int proxyPort, Seen seen) {
        Stream<Segment> fromProxy() {
            return segments.stream().filter(segment -> segment.from() == proxyPort && segment.to() == peerPort);
        }

        Stream<Segment> fromPeer() {
            return segments.stream().filter(segment -> segment.from() == peerPort && segment.to() == proxyPort);
        }
    }

    /** What was seen of one flow. {@code sender} sent a byte after the expiry; null when nobody did. */
    private record Observation(
            Box box,
            Leg sender,
            Instant lastByteAt,
            FlowExpired expired,
            Instant sentAt,
            Instant end,
            End client,
            End upstream) {
        @Override
        public String toString() {
            return box.name() + (sender == null ? "" : ", " + sender + " sends");
        }

        boolean isEnded() {
            return sender == null;
        }

        List<End> ends() {
            return List.of(client, upstream);
        }

        End sendersEnd() {
            return sender == Leg.CLIENT ? client : upstream;
        }

        /** The end that a packet is answered at, with RST. */
        Optional<End> answered() {
            return switch (box.expected()) {
                case RESET_SENDER -> Optional.of(sendersEnd());
                case RESET_CLIENT -> Optional.of(client);
                default -> Optional.empty();
            };
        }

        boolean afterTheLastByte(Segment segment) {
            // Leaves room for delayed acknowledgements.
            return segment.at() > seconds(lastByteAt) + 0.5 && segment.at() <= seconds(end);
        }
    }

    static Stream<Box> boxes() {
        return Stream.of(
                Box.profile("aws-nat-gateway", OnExpiry.RESET_SENDER),
                Box.profile("aws-nlb", OnExpiry.RESET_CLIENT),
                Box.profile("aws-network-firewall", OnExpiry.DROP),
                Box.profile("azure-lb", OnExpiry.DROP),
                Box.profile("azure-lb-tcp-reset", OnExpiry.RESET_BOTH),
                Box.profile("azure-nat-gateway", OnExpiry.RESET_SENDER),
                Box.profile("gcp-vpc", OnExpiry.DROP),
                Box.profile("cisco-asa", OnExpiry.DROP),
                Box.profile("fortigate", OnExpiry.DROP),
                Box.profile("checkpoint", OnExpiry.DROP),
                Box.profile("ipvs", OnExpiry.DROP),
                Box.profile("linux-conntrack", OnExpiry.DROP),
                Box.profile("envoy", OnExpiry.CLOSE_BOTH),
                Box.profile("confluent-cloud-2025", OnExpiry.DROP),
                Box.behaviour(OnExpiry.DROP, "127.0.0.1"),
                Box.behaviour(OnExpiry.RESET_SENDER, "127.0.0.1"),
                Box.behaviour(OnExpiry.RESET_CLIENT, "127.0.0.1"),
                Box.behaviour(OnExpiry.RESET_BOTH, "127.0.0.1"),
                Box.behaviour(OnExpiry.CLOSE_BOTH, "127.0.0.1"),
                Box.behaviour(OnExpiry.STALL, "127.0.0.1"),
                Box.behaviour(OnExpiry.DROP, "::1"),
                Box.behaviour(OnExpiry.RESET_SENDER, "::1"),
                Box.behaviour(OnExpiry.RESET_BOTH, "::1"),
                Box.behaviour(OnExpiry.CLOSE_BOTH, "::1"));
    }

    @BeforeAll
    static void watchAllBoxes(@TempDir Path directory) throws Exception {
        List<Box> boxes = boxes().toList();
        List<Rig> rigs = new ArrayList<>();
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            for (Box box : boxes) {
                rigs.add(Rig.start(box.host(), box.middlebox()));
            }
            Optional<Capture> capture = startCapture(directory, rigs);
            List<Future<Observation>> observations = new ArrayList<>();
            for (int i = 0; i < boxes.size(); i++) {
                Box box = boxes.get(i);
                Rig rig = rigs.get(i);
                for (Optional<Leg> sender : senders(box.expected())) {
                    Pair pair = rig.connect();
                    observations.add(threads.submit(() -> observe(box, rig, pair, sender.orElse(null))));
                }
            }
            for (Future<Observation> observation : observations) {
                OBSERVATIONS.add(observation.get());
            }
            if (capture.isPresent()) {
                segments = capture.get().stop();
            }
        } finally {
            for (Rig rig : rigs) {
                rig.close();
            }
            threads.shutdownNow();
        }
    }

    private static Optional<Capture> startCapture(Path directory, List<Rig> rigs) throws Exception {
        Optional<String> whyNot = Capture.whyNot();
        if (whyNot.isPresent()) {
            whyNoCapture = whyNot.get();
            return Optional.empty();
        }
        List<Integer> ports = rigs.stream()
                .flatMap(rig -> Stream.of(rig.proxyPort(), rig.serverPort()))
                .toList();
        Optional<Capture> capture = Capture.start(directory, ports);
        if (capture.isEmpty()) {
            whyNoCapture = "the capture is not asserted: tcpdump may not capture here";
        }
        return capture;
    }

    private static List<Optional<Leg>> senders(OnExpiry onExpiry) {
        return switch (onExpiry) {
            case DROP, RESET_SENDER, RESET_CLIENT, STALL -> List.of(Optional.of(Leg.CLIENT), Optional.of(Leg.UPSTREAM));
            case RESET_BOTH, CLOSE_BOTH -> List.of(Optional.empty());
        };
    }

    private static Observation observe(Box box, Rig rig, Pair pair, Leg sender) throws Exception {
        long id = rig.idOf(pair);
        pair.exchange();
        Instant lastByteAt = Instant.now();
        Watch client = Watch.over(pair.client());
        Watch upstream = Watch.over(pair.upstream());
        FlowExpired expired = rig.await(FlowExpired.class, event -> event.flowId() == id);
        Rig.idleFor(QUIET_BEFORE_SENDING);
        Instant sentAt = Instant.now();
        if (sender != null) {
            Socket from = sender == Leg.CLIENT ? pair.client() : pair.upstream();
            from.getOutputStream().write('y');
        }
        Rig.idleFor(SILENCE);
        Instant end = Instant.now();
        return new Observation(
                box,
                sender,
                lastByteAt,
                expired,
                sentAt,
                end,
                new End(pair.client().getLocalPort(), rig.proxyPort(), client.within(Duration.ZERO)),
                new End(rig.serverPort(), pair.upstream().getPort(), upstream.within(Duration.ZERO)));
    }

    static Stream<Observation> packetIsDropped() {
        return OBSERVATIONS.stream().filter(seen -> seen.box().expected() == OnExpiry.DROP);
    }

    static Stream<Observation> packetIsStalled() {
        return OBSERVATIONS.stream().filter(seen -> seen.box().expected() == OnExpiry.STALL);
    }

    static Stream<Observation> packetIsAnsweredWithReset() {
        return OBSERVATIONS.stream().filter(seen -> seen.answered().isPresent());
    }

    static Stream<Observation> flowIsEndedAtExpiry() {
        return OBSERVATIONS.stream().filter(Observation::isEnded);
    }

    @Test
    void everyProfileAndBehaviourIsWatched() {
        assertThat(boxes().map(Box::name))
                .containsAll(
                        Profiles.builtIn().all().stream().map(Profile::name).toList());
        assertThat(boxes().map(Box::expected)).contains(OnExpiry.values());
    }

    @ParameterizedTest
    @MethodSource
    void packetIsDropped(Observation flow) {
        assertNobodySeesAnything(flow);
    }

    @ParameterizedTest
    @MethodSource("packetIsDropped")
    void droppedPacketIsRetransmittedAndNothingComesBack(Observation flow) {
        assumeCapture();

        assertThat(dataAfterExpiry(flow)).hasSizeGreaterThanOrEqualTo(3);
        assertThat(dataAfterExpiry(flow))
                .extracting(Segment::sequence)
                .containsOnly(firstData(flow).sequence());
        assertThat(flow.ends()).allSatisfy(end -> assertThat(end.fromProxy().filter(flow::afterTheLastByte))
                .isEmpty());
    }

    @ParameterizedTest
    @MethodSource
    void packetIsStalled(Observation flow) {
        assertNobodySeesAnything(flow);
    }

    @ParameterizedTest
    @MethodSource("packetIsStalled")
    void stalledPacketIsAcknowledged(Observation flow) {
        assumeCapture();
        Segment data = firstData(flow);

        assertThat(dataAfterExpiry(flow)).hasSize(1);
        assertThat(flow.sendersEnd().fromProxy()).anyMatch(segment -> segment.acknowledges(data));
    }

    @ParameterizedTest
    @MethodSource
    void packetIsAnsweredWithReset(Observation flow) {
        assertExpiredInTime(flow);
        assertThat(flow.ends()).allSatisfy(end -> assertThat(end.seen().what())
                .isEqualTo(flow.answered().orElseThrow() == end ? Sight.RST : Sight.SILENCE));
        assertThat(flow.answered().orElseThrow().seen().at())
                .isBetween(flow.sentAt(), flow.sentAt().plus(LATE));
    }

    @ParameterizedTest
    @MethodSource("packetIsAnsweredWithReset")
    void packetThatIsAnsweredWithResetIsNotAcknowledgedFirst(Observation flow) {
        assumeCapture();
        Segment data = firstData(flow);
        End answered = flow.answered().orElseThrow();

        List<Segment> answers =
                answered.fromProxy().filter(flow::afterTheLastByte).toList();

        assertThat(answers).isNotEmpty().allMatch(Segment::isRst);
        assertThat(answers.get(0).at()).isBetween(data.at(), data.at() + LATE.toSeconds());
        assertThat(flow.sendersEnd().fromProxy()).noneMatch(segment -> segment.acknowledges(data));
        assertThat(flow.ends()).filteredOn(end -> end != answered).allSatisfy(end -> assertThat(
                        end.fromProxy().filter(flow::afterTheLastByte))
                .isEmpty());
    }

    @ParameterizedTest
    @MethodSource
    void flowIsEndedAtExpiry(Observation flow) {
        assertExpiredInTime(flow);
        Sight expected = flow.box().expected() == OnExpiry.RESET_BOTH ? Sight.RST : Sight.FIN;
        assertThat(flow.ends()).allSatisfy(end -> {
            assertThat(end.seen().what()).isEqualTo(expected);
            assertThat(Duration.between(flow.lastByteAt(), end.seen().at()))
                    .isBetween(IDLE_TIMEOUT.minusMillis(50), IDLE_TIMEOUT.plus(LATE));
        });
    }

    @ParameterizedTest
    @MethodSource("flowIsEndedAtExpiry")
    void endIsTheFirstAndOnlyThingThatIsSent(Observation flow) {
        assumeCapture();
        boolean reset = flow.box().expected() == OnExpiry.RESET_BOTH;

        assertThat(flow.ends()).allSatisfy(end -> {
            List<Segment> sent = end.fromProxy().filter(flow::afterTheLastByte).toList();
            assertThat(sent).hasSize(1);
            assertThat(sent.get(0).isRst()).isEqualTo(reset);
            assertThat(sent.get(0).isFin()).isEqualTo(!reset);
            assertThat(sent.get(0).at() - seconds(flow.lastByteAt()))
                    .isBetween(
                            IDLE_TIMEOUT.toMillis() / 1e3 - 0.05,
                            IDLE_TIMEOUT.plus(LATE).toMillis() / 1e3);
        });
    }

    private static void assertNobodySeesAnything(Observation flow) {
        assertExpiredInTime(flow);
        assertThat(flow.ends()).allSatisfy(end -> assertThat(end.seen().what()).isEqualTo(Sight.SILENCE));
    }

    private static void assertExpiredInTime(Observation flow) {
        assertThat(flow.expired().idle()).isBetween(IDLE_TIMEOUT, IDLE_TIMEOUT.plus(LATE));
        assertThat(flow.expired().onExpiry()).isEqualTo(flow.box().expected());
    }

    private static List<Segment> dataAfterExpiry(Observation flow) {
        return flow.sendersEnd()
                .fromPeer()
                .filter(flow::afterTheLastByte)
                .filter(segment -> segment.length() > 0)
                .toList();
    }

    private static Segment firstData(Observation flow) {
        return dataAfterExpiry(flow).get(0);
    }

    private static void assumeCapture() {
        assumeTrue(whyNoCapture.isEmpty(), whyNoCapture);
    }

    private static double seconds(Instant instant) {
        return instant.getEpochSecond() + instant.getNano() / 1e9;
    }
}
