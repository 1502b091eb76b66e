package blackhole.middlebox.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blackhole.middlebox.Rig;
import blackhole.middlebox.Rig.Pair;
import blackhole.middlebox.config.Cidr;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.flow.FlowEvent.FlowClosed;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.FlowHealed;
import blackhole.middlebox.flow.FlowEvent.UpstreamUnreachable;
import blackhole.middlebox.wire.Watch.Sight;
import blackhole.support.RawPeer;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** An outage, and its end. */
class OutageIT {
    @Test
    void outageBlackholesFlowsAndSynsAndItsEndHealsThem() throws Exception {
        try (Rig rig = Rig.startWith(box -> box.with(Setting.ON_EXPIRY, OnExpiry.RESET_BOTH))) {
            Pair before = rig.open();
            before.greet();

            rig.proxy().outage(true);
            before.client().send("b");
            Watch watch = Watch.over(before.upstream());
            assertThatThrownBy(() -> RawPeer.connect(rig.proxy().address(), Watch.MOMENT))
                    .isInstanceOf(SocketTimeoutException.class);
            Future<Pair> during = rig.openLater();
            watch.assertSees(Sight.NOTHING);
            assertThat(during).isNotDone();

            rig.proxy().outage(false);

            watch.assertSees(Sight.BYTE);
            before.greet();
            during.get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS).greet();
        }
    }

    @Test
    void flowWhoseUpstreamIsGoneAfterTheOutageIsClosedAndReported() throws Exception {
        List<Cidr> everybody = List.of(Cidr.parse("127.0.0.0/8"));
        try (Rig rig = Rig.startWith(box -> box.with(Setting.ONLY_CLIENTS, everybody))) {
            rig.proxy().outage(true);
            RawPeer client = rig.connectFrom("127.0.0.1");
            long id = rig.awaitOne(FlowExpired.class).flowId();
            rig.server().close();

            rig.proxy().outage(false);

            rig.awaitOne(FlowHealed.class, event -> event.flowId() == id);
            rig.awaitOne(UpstreamUnreachable.class, event -> event.flowId() == id);
            rig.awaitOne(FlowClosed.class, event -> event.flowId() == id);
            Watch.over(client).assertSees(Sight.RST);
        }
    }
}
