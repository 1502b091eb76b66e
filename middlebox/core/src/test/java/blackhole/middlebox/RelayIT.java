package blackhole.middlebox;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.Rig.Ip;
import blackhole.middlebox.flow.FlowEvent.CloseReason;
import blackhole.middlebox.flow.FlowEvent.FlowClosed;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import blackhole.middlebox.flow.Leg;
import blackhole.support.OwnThread;
import blackhole.support.RawPeer;
import blackhole.support.RawPeer.Received;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RelayIT {
    private static final long BULK = 50L * 1024 * 1024;

    @ParameterizedTest
    @EnumSource
    void bulkBothWaysAtOnceArrivesIntact(Ip ip) throws Exception {
        try (Rig rig = Rig.start(ip, settings -> settings)) {
            Rig.Pair flow = rig.open();

            Future<Long> fromClient = flow.client().sendRandomAndFinish(BULK);
            Future<Long> fromUpstream = flow.upstream().sendRandomAndFinish(BULK);
            Future<Received> toUpstream = OwnThread.call(flow.upstream()::receiveRandom);

            assertThat(flow.client().receiveRandom()).isEqualTo(new Received(BULK, fromUpstream.get()));
            assertThat(toUpstream.get()).isEqualTo(new Received(BULK, fromClient.get()));
            FlowClosed closed = rig.awaitOne(FlowClosed.class);
            assertThat(closed.how()).isEqualTo(CloseReason.FINISHED);
            assertThat(closed.bytesFromClient()).isEqualTo(BULK);
            assertThat(closed.bytesFromUpstream()).isEqualTo(BULK);
        }
    }

    @Test
    void everyFlowHasItsOwnIdAndAddresses() throws Exception {
        try (Rig rig = Rig.start()) {
            Rig.Pair first = rig.open();
            Rig.Pair second = rig.open();
            first.greet();
            second.greet();

            assertThat(rig.await(FlowOpened.class, 2))
                    .satisfiesExactly(
                            opened -> {
                                assertThat(opened.flowId()).isEqualTo(1);
                                assertThat(opened.client())
                                        .isEqualTo(first.client().address());
                                assertThat(opened.listen())
                                        .isEqualTo(rig.proxy().address());
                                assertThat(opened.upstream())
                                        .isEqualTo(first.upstream().address());
                            },
                            opened -> assertThat(opened.flowId()).isEqualTo(2));
        }
    }

    @Test
    void socketsOfTheProxySendAtOnceAndNeverProbe() throws Exception {
        try (Rig rig = Rig.start()) {
            Rig.Pair flow = rig.open();

            assertThat(flow.client().kernelOfProxy().hasNoDelay()).isTrue();
            assertThat(flow.upstream().kernelOfProxy().hasNoDelay()).isTrue();
            assertThat(flow.client().kernelOfProxy().hasKeepAlive()).isFalse();
            assertThat(flow.upstream().kernelOfProxy().hasKeepAlive()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void urgentDataArrivesAsOrdinaryBytes(Leg from) throws Exception {
        try (Rig rig = Rig.start()) {
            Rig.Pair flow = rig.open();

            flow.peer(from).send("a");
            flow.peer(from).socket().sendUrgentData('!');
            flow.peer(from).send("b");

            assertThat(flow.otherPeer(from).receive(3)).isEqualTo("a!b");
        }
    }

    @Test
    void upstreamIsFoundByItsNameAndMaySendFirst() throws Exception {
        try (Rig rig = Rig.start();
                Middlebox proxy = Middlebox.builder()
                        .route("localhost:0=localhost:" + rig.server().getLocalPort())
                        .start();
                RawPeer client = RawPeer.connect(proxy.address());
                RawPeer upstream = rig.accept()) {

            upstream.send("banner");

            assertThat(client.receive(6)).isEqualTo("banner");
        }
    }

    @Test
    void everyRouteLeadsToItsOwnUpstream() throws Exception {
        try (Rig first = Rig.start();
                Rig second = Rig.start(Ip.V6, settings -> settings);
                Middlebox proxy = Middlebox.builder()
                        .route("0=127.0.0.1:" + first.server().getLocalPort())
                        .route("[::1]:0=[::1]:" + second.server().getLocalPort())
                        .start();
                RawPeer client = RawPeer.connect(proxy.addresses().get(0));
                RawPeer upstream = first.accept();
                RawPeer client6 = RawPeer.connect(proxy.addresses().get(1));
                RawPeer upstream6 = second.accept()) {

            client.send("first");
            client6.send("second");

            assertThat(upstream.receive(5)).isEqualTo("first");
            assertThat(upstream6.receive(6)).isEqualTo("second");
        }
    }
}
