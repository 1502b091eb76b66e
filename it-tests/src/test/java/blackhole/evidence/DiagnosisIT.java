package blackhole.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blackhole.client.report.Diagnosis;
import blackhole.client.scenario.Scenario;
import blackhole.client.scenario.ScenarioException;
import blackhole.client.scenario.ScenarioListener;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.scenario.Verdict;
import blackhole.lab.EmbeddedKafka;
import blackhole.lab.Lab;
import blackhole.lab.SharedLab;
import blackhole.lab.SharedLab.Share;
import blackhole.lab.Topics;
import blackhole.lab.WatchedProxy;
import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a run reports if the middlebox answers, if it is bypassed, and if the topic is missing. */
@Tag("broker")
@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class DiagnosisIT {

    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(3);

    private static SharedLab labs;

    @BeforeAll
    static void start() {
        labs = SharedLab.of(Lab.builder()
                .proxies(6)
                .idleTimeout(IDLE_TIMEOUT)
                .proxy(proxy -> proxy.eventLoops(1))
                .start());
    }

    @AfterAll
    static void stop() {
        labs.close();
    }

    @ParameterizedTest
    @CsvSource({
        "RESET_SENDER, ended by the kernel (timed out or reset), after the probe began",
        "CLOSE_BOTH, ended by the peer (FIN), into the idle time"
    })
    void resetOfAnExpiredFlowIsNotMistakenForALiveFlow(OnExpiry onExpiry, String who, String when) throws Exception {
        // Twice, because the end of the bootstrap connection makes the producer ask for metadata on the other one.
        ScenarioReport report = play(onExpiry, IDLE_TIMEOUT.multipliedBy(2).plusSeconds(2));

        assertThat(report.verdict()).isEqualTo(Verdict.IMMEDIATE);
        assertThat(String.join("\n", Diagnosis.of(report).explanation()))
                .contains("node 1, leads 0", who, when, "The probe was sent on a new connection")
                .contains("refuses an expired flow instead of dropping its packets")
                .doesNotContain("still worked");
    }

    @Test
    void tooShortIdleTimeIsReported() throws Exception {
        ScenarioReport report = play(OnExpiry.RESET_SENDER, Duration.ofSeconds(1));

        assertThat(Diagnosis.of(report).explanation())
                .singleElement()
                .asString()
                .contains("still worked");
    }

    @Test
    void stallBehindAnAcknowledgingKernelIsNotReportedAsExpiredFlow() throws Exception {
        ScenarioReport report = play(OnExpiry.STALL, IDLE_TIMEOUT.plusSeconds(2));

        assertThat(report.verdict()).isEqualTo(Verdict.STALLED);
        Diagnosis diagnosis = Diagnosis.of(report);
        assertThat(diagnosis.summary()).contains("the peer's kernel acknowledged it, but no response came");
        assertThat(String.join("\n", diagnosis.advice()))
                .contains("Check the broker")
                .doesNotContain("Turn on TCP keepalive");
    }

    @Test
    void brokerThatAdvertisesItselfCausesAWarning() throws Exception {
        try (EmbeddedKafka broker = EmbeddedKafka.reserve();
                WatchedProxy proxy = new WatchedProxy(broker.upstream(), settings -> {})) {
            broker.start(broker.upstream());
            new Topics(broker.directBootstrap()).create("orders", 1);

            ScenarioReport report =
                    Scenario.run(settings(proxy.bootstrap(), "orders", Duration.ZERO), ScenarioListener.NONE);

            assertThat(report.warnings())
                    .singleElement()
                    .asString()
                    .contains("the proxy may be bypassed", broker.upstream().getPort() + ", the bootstrap server was")
                    .contains(proxy.bootstrap());
        }
    }

    @Test
    void missingTopicIsReportedWithTheOptionThatCreatesIt() {
        ScenarioSettings settings = settings(labs.next().proxy().bootstrap(), "missing", Duration.ZERO);

        assertThatThrownBy(() -> Scenario.run(settings, ScenarioListener.NONE))
                .isInstanceOf(ScenarioException.class)
                .hasMessage("--topic missing: no such topic; add --create-topic PARTITIONS to create it");
    }

    @Test
    void brokerIsFoundAlthoughTheFirstConnectionToItHasExpired() throws Exception {
        Share share = labs.next();
        Middlebox proxy = share.proxy().proxy();
        proxy.reconfigure(config -> config.with(Setting.IDLE_TIMEOUT, Duration.ofMinutes(1)));
        proxy.addListener(event -> expireFirstFlow(proxy, event));

        int partitions = Scenario.prepare(settings(share.proxy().bootstrap(), share.topic(), IDLE_TIMEOUT));

        assertThat(partitions).isEqualTo(1);
        assertThat(share.proxy().events(FlowExpired.class)).hasSize(1);
    }

    /** Holds the event loop until the command is queued, so that the flow expires before any answer has passed. */
    private static void expireFirstFlow(Middlebox proxy, FlowEvent event) {
        if (event instanceof FlowOpened opened && opened.flowId() == 1) {
            Thread expiring = new Thread(() -> proxy.expire(flow -> true), "expire-first-flow");
            expiring.start();
            while (expiring.getState() != Thread.State.WAITING && expiring.isAlive()) {
                Thread.onSpinWait();
            }
        }
    }

    private static ScenarioReport play(OnExpiry onExpiry, Duration idle) throws InterruptedException {
        Share share = labs.next();
        share.proxy().proxy().reconfigure(config -> config.with(Setting.ON_EXPIRY, onExpiry));
        ScenarioReport report =
                Scenario.run(settings(share.proxy().bootstrap(), share.topic(), idle), ScenarioListener.NONE);
        assertThat(report.warnings()).isEmpty();
        assertThat(report.bypass()).isNull();
        return report;
    }

    private static ScenarioSettings settings(String bootstrap, String topic, Duration idle) {
        return ScenarioSettings.builder(bootstrap, topic)
                .burstSize(10)
                .idle(idle)
                .requestTimeout(Duration.ofSeconds(4))
                .build();
    }
}
