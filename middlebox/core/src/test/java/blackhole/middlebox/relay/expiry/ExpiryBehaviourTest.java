package blackhole.middlebox.relay.expiry;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.config.Direction;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.flow.Leg;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExpiryBehaviourTest {
    private final RecordingFlow flow = new RecordingFlow();

    @Test
    void dropBlackholesBothLegsAndAnswersNothing() {
        expireAndDiscard(OnExpiry.DROP, Direction.BOTH, Leg.CLIENT);

        assertThat(flow.actions).containsExactly("blackhole client", "blackhole upstream");
    }

    @Test
    void dropOfOneDirectionBlackholesTheLegThatItComesFrom() {
        expireAndDiscard(OnExpiry.DROP, Direction.CLIENT_TO_UPSTREAM, Leg.CLIENT);
        expireAndDiscard(OnExpiry.DROP, Direction.UPSTREAM_TO_CLIENT, Leg.UPSTREAM);

        assertThat(flow.actions).containsExactly("blackhole client", "blackhole upstream");
    }

    @Test
    void resetSenderAnswersTheLegThatSent() {
        expireAndDiscard(OnExpiry.RESET_SENDER, Direction.BOTH, Leg.UPSTREAM);

        assertThat(flow.actions).containsExactly("blackhole client", "blackhole upstream", "answer upstream");
    }

    @Test
    void resetClientAnswersTheClientWhoeverSent() {
        expireAndDiscard(OnExpiry.RESET_CLIENT, Direction.BOTH, Leg.UPSTREAM);

        assertThat(flow.actions).containsExactly("blackhole client", "blackhole upstream", "answer client");
    }

    @Test
    void resetBothAndCloseBothEndTheFlowWithoutBlackholingIt() {
        expireAndDiscard(OnExpiry.RESET_BOTH, Direction.BOTH, Leg.CLIENT);
        expireAndDiscard(OnExpiry.CLOSE_BOTH, Direction.BOTH, Leg.CLIENT);

        assertThat(flow.actions).containsExactly("reset both", "close both");
    }

    @Test
    void stallOnlyStopsReading() {
        expireAndDiscard(OnExpiry.STALL, Direction.BOTH, Leg.CLIENT);

        assertThat(flow.actions).containsExactly("stop reading client", "stop reading upstream");
    }

    private void expireAndDiscard(OnExpiry onExpiry, Direction direction, Leg from) {
        ExpiryBehaviour behaviour = ExpiryBehaviour.of(onExpiry, direction);
        behaviour.cutOff(flow);
        behaviour.expired(flow);
        behaviour.discarded(flow, from);
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
