package blackhole.middlebox.relay;

import static blackhole.middlebox.flow.FlowState.BLACKHOLED;
import static blackhole.middlebox.flow.FlowState.CLOSED;
import static blackhole.middlebox.flow.FlowState.CONNECTING;
import static blackhole.middlebox.flow.FlowState.HALF_CLOSED;
import static blackhole.middlebox.flow.FlowState.LIVE;
import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.config.Direction;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.config.WhenFull;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.FlowEvent.CloseReason;
import blackhole.middlebox.flow.FlowEvent.ClosedBy;
import blackhole.middlebox.flow.Leg;
import blackhole.middlebox.relay.FakePlatform.TestFlow;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The transitions of a flow that has not expired, and its relaying. */
class LiveFlowTest {
    private static final String MORE_THAN_THE_WATERMARK = "x".repeat(600 * 1024);

    private final FakePlatform platform = new FakePlatform(false);

    @AfterEach
    void close() {
        platform.close();
    }

    // From CONNECTING.

    @Test
    void connectedFlowIsLiveAndRelaysBothWays() {
        TestFlow flow = platform.accept();
        assertThat(flow.state()).isEqualTo(CONNECTING);
        assertThat(flow.client.isRead()).isFalse();
        assertThat(platform.events()).isEmpty();

        flow.upstream().accept();
        flow.client.send("a");
        flow.upstream().send("b");

        assertThat(flow.state()).isEqualTo(LIVE);
        assertThat(flow.client.isRead()).isTrue();
        assertThat(flow.upstream().isRead()).isTrue();
        assertThat(flow.upstream().journal).containsExactly("a");
        assertThat(flow.client.journal).containsExactly("b");
        assertThat(platform.events()).containsExactly("FlowOpened");
    }

    @Test
    void whatTheClientSendsWhileConnectingIsDeliveredInOrder() {
        TestFlow flow = platform.accept();

        flow.client.send("a");
        flow.client.send("b");
        flow.client.sendFin();
        flow.upstream().accept();

        assertThat(flow.upstream().journal).containsExactly("a", "b", "FIN");
        assertThat(flow.state()).isEqualTo(HALF_CLOSED);
    }

    @ParameterizedTest
    @CsvSource({
        "OUTAGE, RESET_BOTH, BOTH",
        "TABLE_FULL, CLOSE_BOTH, BOTH",
        "NO_UPSTREAM, STALL, BOTH",
        "OUTAGE, DROP, UPSTREAM_TO_CLIENT",
        "TABLE_FULL, DROP, UPSTREAM_TO_CLIENT",
        "NO_UPSTREAM, DROP, UPSTREAM_TO_CLIENT",
    })
    void refusedFlowIsBlackholedWithoutConnecting(ExpiryCause cause, OnExpiry onExpiry, Direction direction) {
        platform.set(Setting.ON_EXPIRY, onExpiry);
        platform.set(Setting.DIRECTION, direction);
        refuseFor(cause);

        TestFlow flow = cause == ExpiryCause.NO_UPSTREAM ? platform.acceptWithoutUpstream() : platform.accept();

        assertThat(flow.state()).isEqualTo(BLACKHOLED);
        assertThat(flow.client.journal).containsExactly("blackhole");
        assertThat(platform.upstreams()).isEqualTo(cause == ExpiryCause.TABLE_FULL ? 1 : 0);
        assertThat(platform.eventsOf(flow)).containsExactly("FlowOpened", "FlowExpired " + cause + " DROP");
    }

    @Test
    void flowForWhichTheTableHasFilledWhileItConnectedIsBlackholed() {
        TestFlow flow = platform.accept();
        refuseFor(ExpiryCause.TABLE_FULL);

        flow.upstream().accept();

        assertThat(flow.state()).isEqualTo(BLACKHOLED);
        assertThat(flow.client.journal).containsExactly("blackhole");
        assertThat(flow.upstream().journal).containsExactly("blackhole");
        assertThat(platform.eventsOf(flow)).containsExactly("FlowOpened", "FlowExpired TABLE_FULL DROP");
    }

    private void refuseFor(ExpiryCause cause) {
        if (cause == ExpiryCause.OUTAGE) {
            platform.outage(true);
        } else if (cause == ExpiryCause.TABLE_FULL) {
            platform.acceptAndConnect();
            platform.set(Setting.MAX_FLOWS, 1);
            platform.set(Setting.WHEN_FULL, WhenFull.IGNORE);
        }
    }

    @Test
    void clientOfAnUnreachableUpstreamIsReset() {
        TestFlow flow = platform.accept();

        flow.upstream().refuse();

        assertThat(flow.state()).isEqualTo(CLOSED);
        assertThat(flow.client.journal).containsExactly("RST");
        assertThat(flow.upstream().journal).containsExactly("close");
        assertThat(platform.events()).containsExactly("UpstreamUnreachable");
    }

    @Test
    void resetOfAConnectingClientIsPassedOnBehindItsBytes() {
        TestFlow flow = platform.accept();
        flow.client.send("a");
        flow.client.sendReset();
        assertThat(flow.state()).isEqualTo(CONNECTING);

        flow.upstream().accept();

        assertThat(flow.state()).isEqualTo(CLOSED);
        assertThat(flow.upstream().journal).containsExactly("a", "RST");
        assertThat(platform.events()).containsExactly("FlowOpened", "FlowClosed CLIENT RESET");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void resetOfAConnectingClientWaitsUntilItsBytesAreSent(boolean theyWaitInTheKernel) {
        TestFlow flow = platform.accept();
        flow.client.send("a");
        flow.client.sendReset();
        if (theyWaitInTheKernel) {
            flow.upstream().socket.leaveUnsent(1);
        } else {
            flow.upstream().stopReceiving();
        }
        flow.upstream().accept();
        flow.entry.sampleActivity(platform.now(), true);
        assertThat(flow.state()).isEqualTo(LIVE);
        assertThat(flow.upstream().journal).doesNotContain("RST");

        flow.upstream().socket.leaveUnsent(0);
        flow.upstream().receiveAgain();
        flow.entry.sampleActivity(platform.now(), true);

        assertThat(flow.state()).isEqualTo(CLOSED);
        assertThat(flow.upstream().journal).containsExactly("a", "RST");
    }

    @Test
    void connectingFlowWhoseClientHasResetEndsWhenTheUpstreamRefuses() {
        TestFlow flow = platform.accept();

        flow.client.sendReset();
        flow.upstream().refuse();

        assertThat(flow.state()).isEqualTo(CLOSED);
        assertThat(flow.upstream().journal).containsExactly("close");
        assertThat(platform.events()).containsExactly("UpstreamUnreachable");
    }

    @Test
    void connectingFlowWhoseClientHasResetEndsInAnOutage() {
        TestFlow flow = platform.accept();
        flow.client.sendReset();

        platform.outage(true);

        assertThat(flow.state()).isEqualTo(CLOSED);
        assertThat(flow.upstream().journal).containsExactly("close");
    }

    @Test
    void resetCommandCancelsTheConnect() {
        TestFlow flow = platform.accept();

        flow.entry.reset(ClosedBy.MIDDLEBOX, CloseReason.COMMAND);

        assertThat(flow.state()).isEqualTo(CLOSED);
        assertThat(flow.client.journal).containsExactly("RST");
        assertThat(flow.upstream().journal).containsExactly("close");
        assertThat(platform.events()).isEmpty();
    }

    @Test
    void shutdownClosesAConnectingFlowAtOnce() {
        TestFlow flow = platform.accept();

        flow.entry.shutDown();
        flow.upstream().accept();

        assertThat(flow.state()).isEqualTo(CLOSED);
        assertThat(flow.client.journal).containsExactly("FIN");
        assertThat(flow.upstream().isOpen()).isFalse();
        assertThat(platform.events()).isEmpty();
    }

    // From LIVE and HALF_CLOSED.

    @ParameterizedTest
    @EnumSource
    void flowIsHalfClosedByTheFirstFinAndClosedByTheSecond(Leg first) {
        TestFlow flow = platform.acceptAndConnect();

        flow.leg(first).sendFin();
        assertThat(flow.state()).isEqualTo(HALF_CLOSED);
        assertThat(flow.otherLeg(first).journal).containsExactly("FIN");
        flow.otherLeg(first).send("answer");
        assertThat(flow.leg(first).journal).containsExactly("answer");
        flow.otherLeg(first).sendFin();

        assertThat(flow.state()).isEqualTo(CLOSED);
        assertThat(flow.leg(first).journal).containsExactly("answer", "FIN");
        assertThat(flow.otherLeg(first).journal).containsExactly("FIN", "close");
        assertThat(platform.events())
                .containsExactly("FlowOpened", "FlowClosed " + FlowEntry.by(first) + " " + CloseReason.FINISHED);
    }

    @ParameterizedTest
    @EnumSource
    void finIsPassedOnBehindTheBytesThatWait(Leg from) {
        TestFlow flow = platform.acceptAndConnect();
        flow.otherLeg(from).stopReceiving();

        flow.leg(from).send("a");
        flow.leg(from).sendFin();
        assertThat(flow.otherLeg(from).journal).isEmpty();
        flow.otherLeg(from).receiveAgain();

        assertThat(flow.otherLeg(from).journal).containsExactly("a", "FIN");
    }

    @ParameterizedTest
    @CsvSource({"CLIENT, false", "UPSTREAM, false", "CLIENT, true", "UPSTREAM, true"})
    void resetIsPassedOn(Leg from, boolean halfClosed) {
        TestFlow flow = platform.acceptAndConnect();
        if (halfClosed) {
            flow.otherLeg(from).sendFin();
        }

        flow.leg(from).sendReset();

        assertThat(flow.state()).isEqualTo(CLOSED);
        assertThat(flow.otherLeg(from).journal).containsExactly("RST");
        assertThat(platform.events()).containsExactly("FlowOpened", "FlowClosed " + FlowEntry.by(from) + " RESET");
    }

    @ParameterizedTest
    @EnumSource
    void resetAfterAFinIsPassedOnAtTheNextTick(Leg from) {
        TestFlow flow = platform.acceptAndConnect();
        flow.leg(from).sendFin();
        flow.leg(from).socket.end();

        flow.entry.sampleActivity(platform.now(), true);

        assertThat(flow.state()).isEqualTo(CLOSED);
        assertThat(flow.otherLeg(from).journal).containsExactly("FIN", "RST");
        assertThat(platform.events()).containsExactly("FlowOpened", "FlowClosed " + FlowEntry.by(from) + " RESET");
    }

    @Test
    void resetCommandResetsBothSides() {
        TestFlow flow = platform.acceptAndConnect();

        flow.entry.reset(ClosedBy.MIDDLEBOX, CloseReason.COMMAND);
        flow.entry.reset(ClosedBy.MIDDLEBOX, CloseReason.COMMAND);

        assertThat(flow.state()).isEqualTo(CLOSED);
        assertThat(flow.client.journal).containsExactly("RST");
        assertThat(flow.upstream().journal).containsExactly("RST");
        assertThat(platform.events()).containsExactly("FlowOpened", "FlowClosed MIDDLEBOX COMMAND");
    }

    @Test
    void shutdownSendsFinAndEndsWhenBothSidesAnswer() {
        TestFlow flow = platform.acceptAndConnect();

        flow.entry.shutDown();
        assertThat(flow.client.journal).containsExactly("FIN");
        assertThat(flow.upstream().journal).containsExactly("FIN");
        flow.client.send("too late");
        flow.client.sendFin();
        assertThat(flow.state()).isEqualTo(HALF_CLOSED);
        flow.upstream().sendFin();

        assertThat(flow.state()).isEqualTo(CLOSED);
        assertThat(flow.client.journal).containsExactly("FIN", "close");
        assertThat(flow.upstream().journal).containsExactly("FIN", "close");
        assertThat(platform.events()).containsExactly("FlowOpened", "FlowClosed MIDDLEBOX SHUTDOWN");
    }

    @Test
    void shutdownEndsAFlowWhosePeersDoNotAnswer() {
        TestFlow flow = platform.acceptAndConnect();

        flow.entry.shutDown();
        flow.entry.shutDownNow();

        assertThat(flow.state()).isEqualTo(CLOSED);
        assertThat(flow.client.journal).containsExactly("FIN", "close");
        assertThat(platform.events()).containsExactly("FlowOpened", "FlowClosed MIDDLEBOX SHUTDOWN");
    }

    // Relaying.

    @Test
    void bytesReadAfterTheEndAreReleased() {
        TestFlow flow = platform.acceptAndConnect();
        flow.entry.reset(ClosedBy.MIDDLEBOX, CloseReason.COMMAND);

        flow.client.send("read before its channel was closed");

        assertThat(flow.client.received.get(0).refCnt()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void senderIsReadAgainOnceTheSlowReceiverHasCaughtUp(Leg sender) {
        TestFlow flow = platform.acceptAndConnect();
        flow.otherLeg(sender).stopReceiving();

        flow.leg(sender).send("a");
        assertThat(flow.leg(sender).isRead()).isTrue();
        flow.leg(sender).send(MORE_THAN_THE_WATERMARK);
        assertThat(flow.leg(sender).isRead()).isFalse();
        assertThat(flow.otherLeg(sender).isRead()).isTrue();
        flow.otherLeg(sender).receiveAgain();

        assertThat(flow.leg(sender).isRead()).isTrue();
        assertThat(flow.otherLeg(sender).journal).containsExactly("a", MORE_THAN_THE_WATERMARK.length() + " bytes");
    }

    @Test
    void senderOfAnExpiredFlowIsNotReadAgainWhenTheReceiverCatchesUp() {
        TestFlow flow = platform.acceptAndConnect();
        flow.upstream().stopReceiving();
        flow.client.send(MORE_THAN_THE_WATERMARK);
        flow.expire();

        flow.upstream().receiveAgain();

        assertThat(flow.client.isRead()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bytesThatMoveAreActivityAlthoughNoneAreRead(boolean keepaliveRefreshes) {
        platform.set(Setting.KEEPALIVE_REFRESHES, keepaliveRefreshes);
        TestFlow flow = platform.acceptAndConnect();
        platform.pass(Duration.ofSeconds(3));

        flow.client.socket.acknowledge(100);
        flow.entry.sampleActivity(platform.now(), false);

        assertThat(flow.entry.snapshot().idle()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"true, PT0S", "false, PT3S"})
    void segmentsWithoutDataAreActivityIfKeepaliveRefreshes(boolean keepaliveRefreshes, Duration idle) {
        platform.set(Setting.KEEPALIVE_REFRESHES, keepaliveRefreshes);
        TestFlow flow = platform.acceptAndConnect();
        platform.pass(Duration.ofSeconds(3));

        flow.upstream().socket.arrive(1);
        flow.entry.sampleActivity(platform.now(), false);

        assertThat(flow.entry.snapshot().idle()).isEqualTo(idle);
    }
}
