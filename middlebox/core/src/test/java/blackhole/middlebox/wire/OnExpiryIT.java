package blackhole.middlebox.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import blackhole.middlebox.Rig;
import blackhole.middlebox.Rig.Ip;
import blackhole.middlebox.Rig.Pair;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.Profile;
import blackhole.middlebox.config.Profiles;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.Leg;
import blackhole.middlebox.wire.Watch.Seen;
import blackhole.middlebox.wire.Watch.Sight;
import blackhole.support.Capture;
import blackhole.support.Capture.Packet;
import blackhole.support.Idle;
import blackhole.support.OwnThread;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What each on-expiry behaviour and each profile does to a flow, seen by the sockets on both sides and on the wire. All
 * of them are watched at once, before the tests; each test then looks at what was seen of one flow.
 */
@Tag("root")
class OnExpiryIT {
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration WATCHED = Duration.ofMillis(1_500);
    private static final Duration PAUSE_BEFORE_SENDING = Duration.ofMillis(300);

    /** For a noisy machine; on a calm one it takes some 10 ms. */
    private static final Duration LATE = Duration.ofSeconds(2);

    private static final List<ObservedFlow> FLOWS = new ArrayList<>();
    private static Optional<String> whyNoCapture = Optional.empty();
    private static List<Packet> packets = List.of();

    /** A middlebox, and what the design says it does. */
    private record Box(String name, OnExpiry expected, MiddleboxConfig config, Ip ip) {
        static Box profile(String name, OnExpiry expected) {
            return new Box(name, expected, Profiles.builtIn().get(name).config(), Ip.V4);
        }

        static Box behaviour(OnExpiry behaviour, Ip ip) {
            MiddleboxConfig config = MiddleboxConfig.DEFAULT.with(Setting.ON_EXPIRY, behaviour);
            return new Box(behaviour + " on IP" + ip, behaviour, config, ip);
        }

        Rig start() throws Exception {
            return Rig.start(ip, settings -> settings.config(config.with(Setting.IDLE_TIMEOUT, IDLE_TIMEOUT))
                    .eventLoops(1));
        }
    }

    /** One end of a flow: its ports on the wire, and what its socket saw. */
    private record End(int peerPort, int proxyPort, Seen seen) {
        Stream<Packet> fromProxy() {
            return packets.stream().filter(packet -> packet.from() == proxyPort && packet.to() == peerPort);
        }

        Stream<Packet> fromPeer() {
            return packets.stream().filter(packet -> packet.from() == peerPort && packet.to() == proxyPort);
        }
    }

    /** What was seen of one flow. {@code sender} sent a byte after the expiry; null if neither side did. */
    private record ObservedFlow(
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

        List<End> ends() {
            return List.of(client, upstream);
        }

        End sendersEnd() {
            return sender == Leg.CLIENT ? client : upstream;
        }

        /** The end that gets a RST for a packet. */
        End resetEnd() {
            return box.expected() == OnExpiry.RESET_CLIENT ? client : sendersEnd();
        }

        boolean isAfterTheLastByte(Packet packet) {
            // Leaves room for delayed acknowledgements.
            return packet.at().isAfter(lastByteAt.plusMillis(500))
                    && !packet.at().isAfter(end);
        }

        List<Packet> dataAfterExpiry() {
            return sendersEnd()
                    .fromPeer()
                    .filter(this::isAfterTheLastByte)
                    .filter(packet -> packet.length() > 0)
                    .toList();
        }

        List<Packet> sentAfterTheLastByte(End end) {
            return end.fromProxy().filter(this::isAfterTheLastByte).toList();
        }
    }

    static Stream<Box> boxes() {
        Stream<Box> profiles = Stream.of(
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
                Box.profile("aws-classic-lb", OnExpiry.CLOSE_BOTH),
                Box.profile("azure-event-hubs", OnExpiry.DROP),
                Box.profile("cloudflare-gateway", OnExpiry.CLOSE_BOTH),
                Box.profile("oci-lb", OnExpiry.CLOSE_BOTH),
                Box.profile("confluent-cloud-2025", OnExpiry.DROP));
        Stream<Box> behaviours = Stream.of(Ip.values())
                .flatMap(ip -> Stream.of(OnExpiry.values()).map(behaviour -> Box.behaviour(behaviour, ip)));
        return Stream.concat(profiles, behaviours);
    }

    @BeforeAll
    static void watchAllBoxes(@TempDir Path directory) throws Exception {
        List<Box> boxes = boxes().toList();
        List<Rig> rigs = new ArrayList<>();
        try {
            for (Box box : boxes) {
                rigs.add(box.start());
            }
            whyNoCapture = Capture.whyNot();
            Optional<Capture> capture = whyNoCapture.isPresent()
                    ? Optional.empty()
                    : Optional.of(Capture.start(directory.resolve("capture.pcap"), "lo", filter(rigs)));
            List<Future<ObservedFlow>> flows = new ArrayList<>();
            for (int i = 0; i < boxes.size(); i++) {
                Box box = boxes.get(i);
                Rig rig = rigs.get(i);
                boolean isEnded = box.expected() == OnExpiry.RESET_BOTH || box.expected() == OnExpiry.CLOSE_BOTH;
                for (Leg sender : isEnded ? new Leg[] {null} : Leg.values()) {
                    Pair pair = rig.open();
                    flows.add(OwnThread.call(() -> observe(box, rig, pair, sender)));
                }
            }
            for (Future<ObservedFlow> flow : flows) {
                FLOWS.add(flow.get());
            }
            packets = capture.map(Capture::stop).orElse(List.of());
        } finally {
            for (Rig rig : rigs) {
                rig.close();
            }
        }
    }

    private static String filter(List<Rig> rigs) {
        return rigs.stream()
                .flatMap(rig ->
                        Stream.of(rig.proxy().address().getPort(), rig.server().getLocalPort()))
                .map(port -> "tcp port " + port)
                .collect(Collectors.joining(" or "));
    }

    private static ObservedFlow observe(Box box, Rig rig, Pair pair, Leg sender) throws Exception {
        long id = rig.idOf(pair);
        pair.greet();
        Instant lastByteAt = Instant.now();
        Watch client = Watch.over(pair.client());
        Watch upstream = Watch.over(pair.upstream());
        FlowExpired expired = rig.awaitOne(FlowExpired.class, event -> event.flowId() == id);
        Idle.idleFor(PAUSE_BEFORE_SENDING);
        Instant sentAt = Instant.now();
        if (sender != null) {
            (sender == Leg.CLIENT ? pair.client() : pair.upstream()).send("y");
        }
        Idle.idleFor(WATCHED);
        return new ObservedFlow(
                box,
                sender,
                lastByteAt,
                expired,
                sentAt,
                Instant.now(),
                new End(
                        pair.client().address().getPort(),
                        rig.proxy().address().getPort(),
                        client.within(Duration.ZERO)),
                new End(
                        rig.server().getLocalPort(),
                        pair.upstream().socket().getPort(),
                        upstream.within(Duration.ZERO)));
    }

    static Stream<ObservedFlow> packetIsDropped() {
        return flows(OnExpiry.DROP);
    }

    static Stream<ObservedFlow> packetIsStalled() {
        return flows(OnExpiry.STALL);
    }

    static Stream<ObservedFlow> packetIsDroppedOrStalled() {
        return flows(OnExpiry.DROP, OnExpiry.STALL);
    }

    static Stream<ObservedFlow> packetIsAnsweredWithReset() {
        return flows(OnExpiry.RESET_SENDER, OnExpiry.RESET_CLIENT);
    }

    static Stream<ObservedFlow> flowIsEndedAtExpiry() {
        return flows(OnExpiry.RESET_BOTH, OnExpiry.CLOSE_BOTH);
    }

    private static Stream<ObservedFlow> flows(OnExpiry... expected) {
        return FLOWS.stream()
                .filter(flow -> List.of(expected).contains(flow.box().expected()));
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
    void packetIsDroppedOrStalled(ObservedFlow flow) {
        assertExpiredInTime(flow);
        assertThat(flow.ends()).allSatisfy(end -> assertThat(end.seen().what()).isEqualTo(Sight.NOTHING));
    }

    @ParameterizedTest
    @MethodSource("packetIsDropped")
    void droppedPacketIsRetransmittedAndNothingComesBack(ObservedFlow flow) {
        assumeCapture();

        List<Packet> data = flow.dataAfterExpiry();
        assertThat(data).hasSizeGreaterThanOrEqualTo(3);
        assertThat(data).extracting(Packet::sequence).containsOnly(data.get(0).sequence());
        assertThat(flow.ends())
                .allSatisfy(end -> assertThat(flow.sentAfterTheLastByte(end)).isEmpty());
    }

    @ParameterizedTest
    @MethodSource("packetIsStalled")
    void stalledPacketIsAcknowledged(ObservedFlow flow) {
        assumeCapture();

        assertThat(flow.dataAfterExpiry()).singleElement().satisfies(data -> assertThat(
                        flow.sendersEnd().fromProxy())
                .anyMatch(packet -> packet.acknowledges(data)));
    }

    @ParameterizedTest
    @MethodSource
    void packetIsAnsweredWithReset(ObservedFlow flow) {
        End reset = flow.resetEnd();

        assertExpiredInTime(flow);
        assertThat(flow.ends()).allSatisfy(end -> assertThat(end.seen().what())
                .isEqualTo(end.equals(reset) ? Sight.RST : Sight.NOTHING));
        assertThat(reset.seen().at()).isBetween(flow.sentAt(), flow.sentAt().plus(LATE));
    }

    @ParameterizedTest
    @MethodSource("packetIsAnsweredWithReset")
    void packetThatIsAnsweredWithResetIsNotAcknowledgedFirst(ObservedFlow flow) {
        assumeCapture();
        Packet data = flow.dataAfterExpiry().get(0);
        End reset = flow.resetEnd();

        List<Packet> answers = flow.sentAfterTheLastByte(reset);

        assertThat(answers).isNotEmpty().allMatch(Packet::isRst);
        assertThat(answers.get(0).at()).isBetween(data.at(), data.at().plus(LATE));
        assertThat(flow.sendersEnd().fromProxy()).noneMatch(packet -> packet.acknowledges(data));
        assertThat(flow.ends())
                .filteredOn(end -> !end.equals(reset))
                .allSatisfy(end -> assertThat(flow.sentAfterTheLastByte(end)).isEmpty());
    }

    @ParameterizedTest
    @MethodSource
    void flowIsEndedAtExpiry(ObservedFlow flow) {
        Sight expected = isReset(flow) ? Sight.RST : Sight.FIN;

        assertExpiredInTime(flow);
        assertThat(flow.ends()).allSatisfy(end -> {
            assertThat(end.seen().what()).isEqualTo(expected);
            assertAtExpiry(flow, end.seen().at());
        });
    }

    @ParameterizedTest
    @MethodSource("flowIsEndedAtExpiry")
    void finOrResetIsTheOnlyPacketSentAtExpiry(ObservedFlow flow) {
        assumeCapture();

        assertThat(flow.ends()).allSatisfy(end -> assertThat(flow.sentAfterTheLastByte(end))
                .singleElement()
                .satisfies(packet -> {
                    assertThat(packet.isRst()).isEqualTo(isReset(flow));
                    assertThat(packet.isFin()).isEqualTo(!isReset(flow));
                    assertAtExpiry(flow, packet.at());
                }));
    }

    private static boolean isReset(ObservedFlow flow) {
        return flow.box().expected() == OnExpiry.RESET_BOTH;
    }

    private static void assertAtExpiry(ObservedFlow flow, Instant at) {
        assertThat(Duration.between(flow.lastByteAt(), at))
                .isBetween(IDLE_TIMEOUT.minusMillis(50), IDLE_TIMEOUT.plus(LATE));
    }

    private static void assertExpiredInTime(ObservedFlow flow) {
        assertThat(flow.expired().idle()).isBetween(IDLE_TIMEOUT, IDLE_TIMEOUT.plus(LATE));
        assertThat(flow.expired().onExpiry()).isEqualTo(flow.box().expected());
    }

    private static void assumeCapture() {
        assumeTrue(whyNoCapture.isEmpty(), () -> "the packets are not checked: " + whyNoCapture.orElseThrow());
    }
}
