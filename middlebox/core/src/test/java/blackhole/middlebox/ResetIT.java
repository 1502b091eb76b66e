package blackhole.middlebox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blackhole.middlebox.Rig.Ip;
import blackhole.middlebox.flow.FlowEvent.CloseReason;
import blackhole.middlebox.flow.FlowEvent.ClosedBy;
import blackhole.middlebox.flow.FlowEvent.FlowClosed;
import blackhole.middlebox.flow.Leg;
import java.net.SocketException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResetIT {
    @ParameterizedTest
    @CsvSource({"V4, CLIENT", "V4, UPSTREAM", "V6, CLIENT", "V6, UPSTREAM"})
    void resetReachesTheOtherPeerAsReset(Ip ip, Leg by) throws Exception {
        try (Rig rig = Rig.start(ip, settings -> settings)) {
            Rig.Pair flow = rig.open();
            flow.greet();

            flow.peer(by).reset();

            assertThatThrownBy(() -> flow.otherPeer(by).receive(1))
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
            FlowClosed closed = rig.awaitOne(FlowClosed.class);
            assertThat(closed.how()).isEqualTo(CloseReason.RESET);
            assertThat(closed.by()).isEqualTo(ClosedBy.valueOf(by.name()));
            assertThat(closed.bytesFromClient()).isEqualTo(4);
            assertThat(closed.bytesFromUpstream()).isEqualTo(4);
            rig.awaitNoFlows();
            assertThat(rig.count(FlowClosed.class)).isEqualTo(1);
        }
    }
}
