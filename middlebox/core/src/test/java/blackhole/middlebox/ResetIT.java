package blackhole.middlebox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blackhole.middlebox.Rig.Ip;
import blackhole.middlebox.flow.FlowEvent.CloseReason;
import blackhole.middlebox.flow.FlowEvent.ClosedBy;
import blackhole.middlebox.flow.FlowEvent.FlowClosed;
import java.net.SocketException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ResetIT {
    @ParameterizedTest
    @EnumSource
    void clientsResetReachesTheUpstreamAsReset(Ip ip) throws Exception {
        try (Rig rig = Rig.start(ip, settings -> settings)) {
            Rig.Pair flow = rig.open();
            flow.greet();

            flow.client().reset();

            assertThatThrownBy(() -> flow.upstream().receive(1))
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
            assertClosed(rig, ClosedBy.CLIENT);
        }
    }

    @ParameterizedTest
    @EnumSource
    void upstreamsResetReachesTheClientAsReset(Ip ip) throws Exception {
        try (Rig rig = Rig.start(ip, settings -> settings)) {
            Rig.Pair flow = rig.open();
            flow.greet();

            flow.upstream().reset();

            assertThatThrownBy(() -> flow.client().receive(1))
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
            assertClosed(rig, ClosedBy.UPSTREAM);
        }
    }

    private static void assertClosed(Rig rig, ClosedBy by) {
        FlowClosed closed = rig.awaitOne(FlowClosed.class);
        assertThat(closed.how()).isEqualTo(CloseReason.RESET);
        assertThat(closed.by()).isEqualTo(by);
        assertThat(closed.bytesFromClient()).isEqualTo(4);
        assertThat(closed.bytesFromUpstream()).isEqualTo(4);
        rig.awaitNoFlows();
        assertThat(rig.count(FlowClosed.class)).isEqualTo(1);
    }
}
