package consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import blackhole.junit.BlackholeExtension;
import blackhole.middlebox.Middlebox;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class IdleConnectionTest {
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration SHORT = Duration.ofSeconds(3);
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Application application = new Application();

    @RegisterExtension
    final BlackholeExtension nat = BlackholeExtension.builder()
            .upstream(() -> "127.0.0.1", application::port)
            .idleTimeout(IDLE_TIMEOUT)
            .build();

    IdleConnectionTest() throws Exception {}

    @AfterEach
    void closeApplication() throws Exception {
        application.close();
    }

    @Test
    void hangsAfterTheIdleTimeout(Middlebox middlebox, List<FlowEvent> events) throws Exception {
        application.connect(middlebox.address());
        assertTrue(application.answers(LONG));

        FlowExpired expired = nat.awaitExpired(LONG);

        assertFalse(application.answers(SHORT));
        nat.awaitDiscarded(1, LONG);
        assertTrue(events.contains(expired));
        assertEquals(List.of(expired.flowId()), nat.heal());
    }

    /** Must fail: it expects what is true only without a middlebox. */
    @Test
    void mustFail() throws Exception {
        application.connect(nat.address());
        assertTrue(application.answers(LONG));

        Thread.sleep(IDLE_TIMEOUT.multipliedBy(2).toMillis());

        assertTrue(application.answers(SHORT), "the idle connection hung");
    }
}
