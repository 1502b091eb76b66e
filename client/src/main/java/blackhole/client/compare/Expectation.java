package blackhole.client.compare;

import blackhole.client.scenario.ScenarioReport;
import java.time.Duration;

/** How it is found which verdict a variant should have. */
public sealed interface Expectation {

    /** What is known before the variant is played. */
    Expected ahead();

    /** What is known once it has been played; the run's own verdict is not looked at. */
    default Expected of(ScenarioReport report) {
        return ahead();
    }

    /** Known before anything is played, or never. */
    record Fixed(Expected ahead) implements Expectation {}

    /**
     * Known by the moment of the first probe, from how long each of the producer's connections had then been silent. Only for
     * variants with neither keepalive nor a user timeout, behind a middlebox that expires in silence.
     *
     * @param idleTimeout of the middlebox
     */
    record BySilence(Duration idleTimeout) implements Expectation {

        @Override
        public Expected ahead() {
            return Expected.nothing("it depends on the connections that the producer makes");
        }

        @Override
        public Expected of(ScenarioReport report) {
            return new RefresherExpectation(report, idleTimeout).expected();
        }
    }
}
