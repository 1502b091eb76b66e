package blackhole.middlebox.relay.expiry;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.config.Direction;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.flow.Leg;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpiryBehaviourTest {
    private final RecordingFlow flow = new RecordingFlow();

    @ParameterizedTest(name = "{0} {1}, packet from {2}: {3}")
    @CsvSource({
        "DROP, BOTH, CLIENT, blackhole client; blackhole upstream",
        "DROP, CLIENT_TO_UPSTREAM, CLIENT, blackhole client",
        "DROP, UPSTREAM_TO_CLIENT, UPSTREAM, blackhole upstream",
        "RESET_SENDER, BOTH, UPSTREAM, blackhole client; blackhole upstream; answer upstream",
        "RESET_CLIENT, BOTH, UPSTREAM, blackhole client; blackhole upstream; answer client",
        "RESET_BOTH, BOTH, CLIENT, reset both",
        "CLOSE_BOTH, BOTH, CLIENT, close both",
        "STALL, BOTH, CLIENT, stop reading client; stop reading upstream",
    })
    void expiredFlowIsCutOffAndItsPacketAnswered(OnExpiry onExpiry, Direction direction, Leg from, String actions) {
        ExpiryBehaviour behaviour = ExpiryBehaviour.of(onExpiry, direction);

        behaviour.cutOff(flow);
        behaviour.expired(flow);
        behaviour.discarded(flow, from);

        assertThat(flow.actions).containsExactly(actions.split("; "));
    }

    private static final class RecordingFlow implements ExpiringFlow {
        private final List<String> actions = new ArrayList<>();

        @Override
        public void blackhole(Leg leg) {
            actions.add("blackhole " + leg);
        }

        @Override
        public void stopReading(Leg leg) {
            actions.add("stop reading " + leg);
        }

        @Override
        public void answerWithReset(Leg leg) {
            actions.add("answer " + leg);
        }

        @Override
        public void resetBoth() {
            actions.add("reset both");
        }

        @Override
        public void closeBoth() {
            actions.add("close both");
        }
    }
}
