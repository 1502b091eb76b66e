package blackhole.middlebox.relay;

import static blackhole.middlebox.flow.FlowState.BLACKHOLED;
import static blackhole.middlebox.flow.FlowState.CLOSED;
import static blackhole.middlebox.flow.FlowState.CONNECTING;
import static blackhole.middlebox.flow.FlowState.HALF_CLOSED;
import static blackhole.middlebox.flow.FlowState.LIVE;
import static blackhole.middlebox.flow.FlowState.TOMBSTONE;
import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.config.Direction;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.flow.FlowState;
import blackhole.middlebox.flow.Leg;
import blackhole.middlebox.relay.FakePlatform.TestFlow;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Healing, by command and at the end of an outage, and what an outage does to each state. */
class HealedFlowTest {
    private final FakePlatform platform = new FakePlatform(false);

    @AfterEach
    void close() {
        platform.close();
    }

    // By command.

    @ParameterizedTest
    @EnumSource(names = {"DROP", "STALL", "RESET_SENDER"})
    void healedFlowIsReadAndRelaysBothWays(OnExpiry onExpiry) {
        platform.set(Setting.ON_EXPIRY, onExpiry);
        TestFlow flow = platform.acceptAndConnect();
        flow.expire();
        platform.pass(Duration.ofSeconds(9));

        assertThat(flow.entry.heal()).isTrue();
        flow.client.send("a");
        flow.upstream().send("b");

        assertThat(flow.state()).isEqualTo(LIVE);
        assertThat(flow.client.isRead()).isTrue();
        assertThat(flow.upstream().isRead()).isTrue();
        assertThat(flow.client.journal).endsWith("heal", "b");
        assertThat(flow.upstream().journal).endsWith("heal", "a");
        assertThat(flow.entry.snapshot().idle()).isZero();
        assertThat(flow.entry.trackedSince()).as("when its lifetime began").isEqualTo(platform.now());
        assertThat(platform.events()).containsExactly("FlowOpened", "FlowExpired IDLE " + onExpiry, "FlowHealed");
    }

    @ParameterizedTest
    @EnumSource
    void heldBytesAndFinAreDeliveredInOrder(Leg from) {
        TestFlow flow = platform.acceptAndConnect();
        flow.expire();
        flow.leg(from).send("a");
        flow.leg(from).send("b");
        flow.leg(from).sendFin();

        flow.entry.heal();

        assertThat(flow.otherLeg(from).journal).containsExactly("blackhole", "heal", "a", "b", "FIN");
        assertThat(flow.state()).isEqualTo(HALF_CLOSED);
        assertThat(flow.leg(from).isRead()).isFalse();
        assertThat(flow.otherLeg(from).isRead()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void flowThatWasHalfClosedIsHalfClosedAgain(Leg finished) {
        TestFlow flow = platform.acceptAndConnect();
        flow.leg(finished).sendFin();
        flow.expire();

        flow.entry.heal();
        assertThat(flow.state()).isEqualTo(HALF_CLOSED);
        assertThat(flow.otherLeg(finished).journal).containsExactly("FIN", "blackhole", "heal");
        flow.otherLeg(finished).sendFin();

        assertThat(flow.state()).isEqualTo(CLOSED);
        assertThat(platform.events())
                .containsExactly(
                        "FlowOpened",
                        "FlowExpired IDLE DROP",
                        "FlowHealed",
                        "FlowClosed " + FlowEntry.by(finished) + " FINISHED");
    }

    @Test
    void flowIsClosedByHealingIfBothFinsWereHeld() {
        TestFlow flow = platform.acceptAndConnect();
        flow.expire();
        flow.upstream().send("a");
        flow.upstream().sendFin();
        flow.client.sendFin();

        flow.entry.heal();

        assertThat(flow.state()).isEqualTo(CLOSED);
        assertThat(flow.client.journal).startsWith("blackhole", "heal", "a", "FIN");
        assertThat(flow.upstream().journal).startsWith("blackhole", "heal", "FIN");
        assertThat(platform.events())
                .containsExactly("FlowOpened", "FlowExpired IDLE DROP", "FlowHealed", "FlowClosed CLIENT FINISHED");
    }

    @Test
    void flowIsClosedByHealingIfBothFinsHadPassed() {
        platform.set(Setting.DIRECTION, Direction.CLIENT_TO_UPSTREAM);
        TestFlow flow = platform.acceptAndConnect();
        flow.client.sendFin();
        flow.expire();
        flow.upstream().sendFin();
        assertThat(flow.state()).isEqualTo(BLACKHOLED);

        flow.entry.heal();

        assertThat(flow.state()).isEqualTo(CLOSED);
        assertThat(platform.events())
                .containsExactly("FlowOpened", "FlowExpired IDLE DROP", "FlowHealed", "FlowClosed CLIENT FINISHED");
    }

    @Test
    void tombstoneIsHealed() {
        TestFlow flow = platform.acceptAndConnect();
        flow.expire();
        platform.pass(Duration.ofSeconds(1));
        flow.client.socket.discard(1);
        flow.watch();
        platform.pass(Duration.ofMinutes(3));
        assertThat(flow.state()).isEqualTo(TOMBSTONE);

        assertThat(flow.entry.heal()).isTrue();

        assertThat(flow.state()).isEqualTo(LIVE);
        assertThat(flow.client.isRead()).isTrue();
        assertThat(flow.upstream().isRead()).isTrue();
    }

    @Test
    void healedFlowMayExpireAgain() {
        TestFlow flow = platform.acceptAndConnect();
        flow.expire();
        flow.client.socket.discard(3);
        flow.watch();
        flow.entry.heal();

        flow.expire();
        flow.client.socket.discard(1);
        flow.watch();

        assertThat(flow.client.journal).containsExactly("blackhole", "heal", "blackhole");
        assertThat(platform.events().subList(5, 8))
                .containsExactly("FlowHealed", "FlowExpired IDLE DROP", "SegmentDiscarded client 1");
    }

    @Test
    void neitherLiveFlowNorOneThatLostAPeerIsHealed() {
        platform.set(Setting.ON_EXPIRY, OnExpiry.STALL);
        TestFlow flow = platform.acceptAndConnect();
        assertThat(flow.entry.heal()).isFalse();
        flow.expire();
        flow.upstream().sendReset();

        assertThat(flow.entry.heal()).isFalse();

        assertThat(flow.state()).isEqualTo(BLACKHOLED);
        assertThat(flow.client.journal).isEmpty();
    }

    @Test
    void flowWithoutUpstreamIsNotHealed() {
        TestFlow flow = platform.acceptWithoutUpstream();

        assertThat(flow.entry.heal()).isFalse();

        assertThat(flow.client.journal).containsExactly("blackhole");
    }

    // Outage.

    @ParameterizedTest
    @EnumSource(names = {"LIVE", "HALF_CLOSED"})
    void outageBlackholesAConnectedFlowUntilItEnds(FlowState before) {
        platform.set(Setting.ON_EXPIRY, OnExpiry.RESET_BOTH);
        TestFlow flow = platform.acceptAndConnect();
        if (before == HALF_CLOSED) {
            flow.upstream().sendFin();
        }

        platform.outage(true);
        assertThat(flow.state()).isEqualTo(BLACKHOLED);
        assertThat(flow.entry.heal()).isFalse();
        assertThat(flow.client.journal).endsWith("blackhole");
        assertThat(flow.upstream().journal).endsWith("blackhole");
        platform.outage(false);

        assertThat(flow.state()).isEqualTo(before);
        assertThat(flow.client.journal).endsWith("blackhole", "heal");
        assertThat(flow.upstream().journal).endsWith("blackhole", "heal");
        assertThat(platform.events()).containsExactly("FlowOpened", "FlowExpired OUTAGE DROP", "FlowHealed");
    }

    @Test
    void outageCancelsAConnectAndItsEndConnectsAgain() {
        TestFlow flow = platform.accept();

        platform.outage(true);
        assertThat(flow.state()).isEqualTo(BLACKHOLED);
        assertThat(flow.upstream().journal).containsExactly("close");
        flow.client.send("a");
        platform.outage(false);
        assertThat(flow.state()).isEqualTo(CONNECTING);
        assertThat(flow.client.isRead()).isFalse();
        platform.newestUpstream().accept();

        assertThat(flow.state()).isEqualTo(LIVE);
        assertThat(flow.client.journal).containsExactly("blackhole", "heal");
        assertThat(flow.client.isRead()).isTrue();
        assertThat(platform.newestUpstream().journal).containsExactly("a");
        assertThat(platform.events()).containsExactly("FlowOpened", "FlowExpired OUTAGE DROP", "FlowHealed");
    }

    @ParameterizedTest
    @CsvSource({
        "DROP, BOTH, blackhole, blackhole",
        "DROP, CLIENT_TO_UPSTREAM, blackhole, blackhole heal",
        "DROP, UPSTREAM_TO_CLIENT, blackhole heal, blackhole",
        "STALL, BOTH, blackhole heal, blackhole heal",
    })
    void outageBlackholesBothLegsOfAnExpiredFlowThatStaysExpired(
            OnExpiry onExpiry, Direction direction, String client, String upstream) {
        platform.set(Setting.ON_EXPIRY, onExpiry);
        platform.set(Setting.DIRECTION, direction);
        TestFlow flow = platform.acceptAndConnect();
        flow.expire();

        platform.outage(true);
        assertThat(flow.client.journal).containsExactly("blackhole");
        assertThat(flow.upstream().journal).containsExactly("blackhole");
        assertThat(flow.client.isRead() || flow.upstream().isRead()).isFalse();
        platform.outage(false);

        assertThat(flow.state()).isEqualTo(BLACKHOLED);
        assertThat(String.join(" ", flow.client.journal)).isEqualTo(client);
        assertThat(String.join(" ", flow.upstream().journal)).isEqualTo(upstream);
        assertThat(flow.client.isRead()).isEqualTo(direction == Direction.UPSTREAM_TO_CLIENT);
        assertThat(flow.upstream().isRead()).isEqualTo(direction == Direction.CLIENT_TO_UPSTREAM);
        assertThat(platform.events()).containsExactly("FlowOpened", "FlowExpired IDLE " + onExpiry);
    }

    @Test
    void directionThatPassesIsHeldDuringAnOutage() {
        platform.set(Setting.DIRECTION, Direction.CLIENT_TO_UPSTREAM);
        TestFlow flow = platform.acceptAndConnect();
        flow.expire();

        platform.outage(true);
        flow.upstream().send("a");
        flow.upstream().sendFin();
        assertThat(flow.client.journal).containsExactly("blackhole");
        platform.outage(false);

        assertThat(flow.client.journal).containsExactly("blackhole", "a", "FIN");
    }

    @Test
    void discardedSegmentIsAnsweredWithResetOnlyAfterTheOutage() {
        platform.set(Setting.ON_EXPIRY, OnExpiry.RESET_SENDER);
        TestFlow flow = platform.acceptAndConnect();
        flow.expire();

        platform.outage(true);
        flow.client.socket.discard(1);
        flow.watch();
        assertThat(flow.client.journal).containsExactly("blackhole");
        platform.outage(false);
        flow.watch();

        assertThat(flow.client.journal).containsExactly("blackhole", "RST");
    }
}
