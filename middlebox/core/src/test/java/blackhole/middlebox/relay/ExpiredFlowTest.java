package blackhole.middlebox.relay;

import static blackhole.middlebox.flow.FlowState.BLACKHOLED;
import static blackhole.middlebox.flow.FlowState.CLOSED;
import static blackhole.middlebox.flow.FlowState.HALF_CLOSED;
import static blackhole.middlebox.flow.FlowState.LIVE;
import static blackhole.middlebox.flow.FlowState.TOMBSTONE;
import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.config.Cidr;
import blackhole.middlebox.config.Direction;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.config.WhenFull;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.FlowEvent.CloseReason;
import blackhole.middlebox.flow.FlowEvent.ClosedBy;
import blackhole.middlebox.flow.FlowState;
import blackhole.middlebox.flow.Leg;
import blackhole.middlebox.relay.FakePlatform.TestFlow;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Expiry, and how an expired flow ends. */
class ExpiredFlowTest {
    private static final Duration TOMBSTONE_TIME = Duration.ofMinutes(15);
    private static final Duration LONGER_THAN_PEERS_RETRANSMIT = Duration.ofSeconds(126);

    private FakePlatform platform = new FakePlatform(false);

    @AfterEach
    void close() {
        platform.close();
    }

    // → BLACKHOLED, or CLOSED by the on-expiry behaviour.

    @ParameterizedTest
    @CsvSource({
        "DROP, BOTH, blackhole, blackhole, BLACKHOLED",
        "DROP, CLIENT_TO_UPSTREAM, blackhole, '', BLACKHOLED",
        "DROP, UPSTREAM_TO_CLIENT, '', blackhole, BLACKHOLED",
        "RESET_SENDER, BOTH, blackhole, blackhole, BLACKHOLED",
        "RESET_CLIENT, BOTH, blackhole, blackhole, BLACKHOLED",
        "STALL, BOTH, '', '', BLACKHOLED",
        "RESET_BOTH, BOTH, RST, RST, CLOSED",
        "CLOSE_BOTH, BOTH, FIN, FIN, CLOSED",
    })
    void liveFlowExpires(OnExpiry onExpiry, Direction direction, String client, String upstream, FlowState state) {
        platform.set(Setting.ON_EXPIRY, onExpiry);
        platform.set(Setting.DIRECTION, direction);
        TestFlow flow = platform.acceptAndConnect();

        flow.expire();

        assertThat(flow.state()).isEqualTo(state);
        assertThat(String.join(" ", flow.client.journal)).isEqualTo(client);
        assertThat(String.join(" ", flow.upstream().journal)).isEqualTo(upstream);
        assertThat(flow.client.isRead()).isEqualTo(direction == Direction.UPSTREAM_TO_CLIENT);
        assertThat(flow.upstream().isRead()).isEqualTo(direction == Direction.CLIENT_TO_UPSTREAM);
        if (state == CLOSED) {
            assertThat(platform.events())
                    .containsExactly("FlowOpened", "FlowExpired IDLE " + onExpiry, "FlowClosed MIDDLEBOX EXPIRED");
        } else {
            assertThat(platform.events()).containsExactly("FlowOpened", "FlowExpired IDLE " + onExpiry);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"IDLE", "LIFETIME", "COMMAND", "TABLE_FULL", "OUTAGE"})
    void halfClosedFlowExpires(ExpiryCause cause) {
        TestFlow flow = platform.acceptAndConnect();
        flow.client.sendFin();

        switch (cause) {
            case IDLE, LIFETIME -> flow.entry.expire(platform.now(), cause);
            case COMMAND -> assertThat(flow.entry.expireNow(cause)).isTrue();
            case TABLE_FULL -> fillTable();
            case OUTAGE -> platform.outage(true);
            case NO_UPSTREAM -> throw new IllegalArgumentException();
        }

        assertThat(flow.state()).isEqualTo(BLACKHOLED);
        assertThat(flow.client.journal).containsExactly("blackhole");
        assertThat(flow.upstream().journal).containsExactly("FIN", "blackhole");
        assertThat(platform.eventsOf(flow)).containsExactly("FlowOpened", "FlowExpired " + cause + " DROP");
        assertThat(flow.entry.expireNow(ExpiryCause.COMMAND)).isFalse();
    }

    private void fillTable() {
        platform.set(Setting.MAX_FLOWS, 1);
        platform.pass(Duration.ofSeconds(1));
        TestFlow newest = platform.acceptAndConnect();
        platform.runTasks();
        assertThat(newest.state()).isEqualTo(LIVE);
    }

    @Test
    void expiredFlowMakesRoomInAFullTable() {
        platform.set(Setting.MAX_FLOWS, 1);
        platform.set(Setting.WHEN_FULL, WhenFull.IGNORE);
        platform.acceptAndConnect().expire();

        assertThat(platform.acceptAndConnect().state()).isEqualTo(LIVE);
        assertThat(platform.accept().state()).isEqualTo(BLACKHOLED);
    }

    @Test
    void flowOfAClientWithoutFaultsNeverExpires() {
        platform.set(Setting.ONLY_CLIENTS, List.of(Cidr.parse("203.0.113.0/24")));
        TestFlow flow = platform.acceptAndConnect();

        flow.expire();
        platform.outage(true);

        assertThat(flow.state()).isEqualTo(LIVE);
        assertThat(platform.events()).containsExactly("FlowOpened");
    }

    // BLACKHOLED.

    @ParameterizedTest
    @EnumSource
    void whatABlackholedLegReceivesIsHeldAndReleasedWhenTheFlowEnds(Leg from) {
        TestFlow flow = platform.acceptAndConnect();
        flow.expire();

        flow.leg(from).send("a");
        flow.leg(from).sendFin();
        flow.otherLeg(from).flush();
        assertThat(flow.otherLeg(from).journal).containsExactly("blackhole");
        assertThat(flow.leg(from).received.get(0).refCnt()).isEqualTo(1);
        flow.entry.endTombstone(CloseReason.TOMBSTONE_TIME);

        assertThat(flow.leg(from).received.get(0).refCnt()).isZero();
        assertThat(flow.otherLeg(from).journal).containsExactly("blackhole", "FIN");
    }

    @ParameterizedTest
    @CsvSource({"CLIENT_TO_UPSTREAM, CLIENT", "UPSTREAM_TO_CLIENT, UPSTREAM"})
    void directionThatIsNotDroppedStillPasses(Direction dropped, Leg blackholed) {
        platform.set(Setting.DIRECTION, dropped);
        TestFlow flow = platform.acceptAndConnect();
        flow.expire();

        flow.leg(blackholed).send("lost");
        flow.otherLeg(blackholed).send("passed");
        flow.otherLeg(blackholed).sendFin();

        assertThat(flow.leg(blackholed).journal).containsExactly("blackhole", "passed", "FIN");
        assertThat(flow.otherLeg(blackholed).journal).isEmpty();
        assertThat(flow.state()).isEqualTo(BLACKHOLED);
    }

    @Test
    void discardedSegmentsAreCountedFromExpiryOnEachLeg() {
        TestFlow flow = platform.acceptAndConnect();
        flow.upstream().socket.discard(7);
        flow.expire();

        flow.watch();
        flow.upstream().socket.discard(2);
        flow.watch();
        flow.client.socket.discard(1);
        flow.watch();

        assertThat(platform.events().subList(2, 5))
                .containsExactly(
                        "SegmentDiscarded upstream 1", "SegmentDiscarded upstream 2", "SegmentDiscarded client 1");
        assertThat(platform.events()).hasSize(5);
    }

    @ParameterizedTest
    @CsvSource({
        "RESET_SENDER, CLIENT, CLIENT",
        "RESET_SENDER, UPSTREAM, UPSTREAM",
        "RESET_CLIENT, CLIENT, CLIENT",
        "RESET_CLIENT, UPSTREAM, CLIENT",
    })
    void discardedSegmentIsAnsweredOnceWithReset(OnExpiry onExpiry, Leg from, Leg reset) {
        platform.set(Setting.ON_EXPIRY, onExpiry);
        TestFlow flow = platform.acceptAndConnect();
        flow.expire();

        flow.leg(from).socket.discard(1);
        flow.watch();
        flow.watch();

        assertThat(flow.state()).isEqualTo(BLACKHOLED);
        assertThat(flow.leg(reset).journal).containsExactly("blackhole", "RST");
        assertThat(flow.otherLeg(reset).journal).containsExactly("blackhole");
        assertThat(platform.events().subList(2, 4))
                .containsExactly("SegmentDiscarded " + from + " 1", "ResetSent " + reset);
        assertThat(platform.events()).hasSize(4);
    }

    @Test
    void flowEndsWhenBothSendersHaveBeenReset() {
        platform.set(Setting.ON_EXPIRY, OnExpiry.RESET_SENDER);
        TestFlow flow = platform.acceptAndConnect();
        flow.expire();

        flow.client.socket.discard(1);
        flow.upstream().socket.discard(1);
        flow.watch();

        assertThat(flow.state()).isEqualTo(CLOSED);
        assertThat(platform.events())
                .containsExactly(
                        "FlowOpened",
                        "FlowExpired IDLE RESET_SENDER",
                        "SegmentDiscarded client 1",
                        "SegmentDiscarded upstream 1",
                        "ResetSent client",
                        "ResetSent upstream",
                        "FlowClosed MIDDLEBOX EXPIRED");
    }

    @Test
    void stallingFlowEndsWhenBothPeersHaveReset() {
        platform.set(Setting.ON_EXPIRY, OnExpiry.STALL);
        TestFlow flow = platform.acceptAndConnect();
        flow.expire();

        flow.client.sendReset();
        assertThat(flow.state()).isEqualTo(BLACKHOLED);
        assertThat(flow.upstream().journal).isEmpty();
        flow.upstream().sendReset();

        assertThat(flow.state()).isEqualTo(CLOSED);
        assertThat(platform.events())
                .containsExactly("FlowOpened", "FlowExpired IDLE STALL", "FlowClosed MIDDLEBOX EXPIRED");
    }

    // BLACKHOLED ↔ TOMBSTONE.

    @Test
    void flowIsATombstoneWhilePeersHaveGivenUp() {
        TestFlow flow = platform.acceptAndConnect();
        flow.expire();
        platform.pass(LONGER_THAN_PEERS_RETRANSMIT);
        flow.watch();
        assertThat(flow.state()).as("its peers have sent nothing yet").isEqualTo(BLACKHOLED);

        flow.client.socket.discard(1);
        flow.watch();
        platform.pass(LONGER_THAN_PEERS_RETRANSMIT);
        assertThat(flow.state()).isEqualTo(TOMBSTONE);
        flow.client.socket.discard(1);
        flow.watch();

        assertThat(flow.state()).isEqualTo(BLACKHOLED);
        assertThat(flow.client.journal).containsExactly("blackhole");
        assertThat(flow.upstream().journal).containsExactly("blackhole");
    }

    // → CLOSED.

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tombstoneTimeStartsAgainWithEachDiscardedSegment(boolean closesSilently) {
        TestFlow flow = expireOn(closesSilently);
        Duration nearlyOver = TOMBSTONE_TIME.minusNanos(1);

        platform.pass(nearlyOver);
        flow.client.socket.discard(1);
        flow.watch();
        platform.pass(nearlyOver);
        flow.watch();
        assertThat(flow.state()).isEqualTo(TOMBSTONE);
        platform.pass(Duration.ofNanos(1));
        flow.watch();

        assertEnded(flow, closesSilently, CloseReason.TOMBSTONE_TIME);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oldestOfTooManyTombstonesEnds(boolean closesSilently) {
        TestFlow flow = expireOn(closesSilently);
        platform.set(Setting.MAX_TOMBSTONES, 1);
        TestFlow next = platform.acceptAndConnect();

        next.expire();

        assertThat(next.state()).isEqualTo(BLACKHOLED);
        assertEnded(flow, closesSilently, CloseReason.TOO_MANY_TOMBSTONES);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shutdownEndsAnExpiredFlow(boolean closesSilently) {
        TestFlow flow = expireOn(closesSilently);

        flow.entry.shutDown();
        flow.entry.shutDownNow();

        assertEnded(flow, closesSilently, CloseReason.SHUTDOWN);
    }

    private TestFlow expireOn(boolean closesSilently) {
        platform = new FakePlatform(closesSilently);
        platform.set(Setting.TOMBSTONE_TIME, TOMBSTONE_TIME);
        TestFlow flow = platform.acceptAndConnect();
        flow.expire();
        return flow;
    }

    private void assertEnded(TestFlow flow, boolean silently, CloseReason reason) {
        assertThat(flow.state()).isEqualTo(CLOSED);
        assertThat(flow.client.journal).containsExactly("blackhole", silently ? "close" : "FIN");
        assertThat(flow.upstream().journal).containsExactly("blackhole", silently ? "close" : "FIN");
        assertThat(platform.eventsOf(flow))
                .filteredOn(event -> event.startsWith("FlowClosed"))
                .containsExactly("FlowClosed MIDDLEBOX " + reason);
    }

    @Test
    void resetCommandResetsTheSidesOfAnExpiredFlow() {
        TestFlow flow = platform.acceptAndConnect();
        flow.expire();

        flow.entry.reset(ClosedBy.MIDDLEBOX, CloseReason.COMMAND);

        assertThat(flow.client.journal).containsExactly("blackhole", "RST");
        assertThat(flow.upstream().journal).containsExactly("blackhole", "RST");
        assertThat(platform.events())
                .containsExactly("FlowOpened", "FlowExpired IDLE DROP", "FlowClosed MIDDLEBOX COMMAND");
    }

    @Test
    void halfClosedFlowSendsNoSecondFinAtExpiry() {
        platform.set(Setting.ON_EXPIRY, OnExpiry.CLOSE_BOTH);
        TestFlow flow = platform.acceptAndConnect();
        flow.client.sendFin();
        assertThat(flow.state()).isEqualTo(HALF_CLOSED);

        flow.expire();

        assertThat(flow.client.journal).containsExactly("FIN");
        assertThat(flow.upstream().journal).containsExactly("FIN", "close");
    }
}
