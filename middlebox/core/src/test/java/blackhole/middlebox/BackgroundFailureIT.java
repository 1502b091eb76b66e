package blackhole.middlebox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import blackhole.middlebox.config.Setting;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackgroundFailureIT {
    @Test
    void listenerThatThrowsIsReportedAndLaterFlowsStillExpire() throws Exception {
        NoSuchMethodError error = new NoSuchMethodError("thrown by a test's listener");
        try (Rig rig = Rig.start(settings -> settings.with(Setting.IDLE_TIMEOUT, Duration.ofMillis(200))
                .listener(event -> {
                    if (event instanceof FlowExpired) {
                        throw error;
                    }
                }))) {
            assertThat(rig.proxy().failure()).isEmpty();

            rig.open();
            rig.await(FlowExpired.class, 1);
            rig.open();
            rig.await(FlowExpired.class, 2);

            await().untilAsserted(() -> assertThat(rig.proxy().failure()).hasValueSatisfying(failure -> {
                assertThat(failure.task()).isEqualTo("listener of FlowExpired");
                assertThat(failure.cause()).isSameAs(error);
                assertThat(failure.count()).isEqualTo(2);
            }));
        }
    }
}
