package blackhole.middlebox;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import blackhole.middlebox.flow.FlowState;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bytes that the kernel acknowledged before the flow was blackholed, and that the proxy reads after that. */
class AcknowledgedBeforeIT {
    private final CountDownLatch secondFlowOpens = new CountDownLatch(1);
    private final CountDownLatch eventLoopMayGoOn = new CountDownLatch(1);

    /** Blocks the only event loop, so that the outage starts before the proxy reads what has come in. */
    private void blockAtSecondFlow(FlowEvent event) {
        if (event instanceof FlowOpened opened && opened.flowId() == 2) {
            secondFlowOpens.countDown();
            try {
                eventLoopMayGoOn.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Test
    @Timeout(30)
    void bytesAndFinArriveOnceTheFlowIsHealed() throws Exception {
        try (Rig rig = Rig.start(settings -> settings.eventLoops(1).listener(this::blockAtSecondFlow))) {
            Rig.Pair flow = rig.open();
            rig.connect();
            secondFlowOpens.await();
            flow.client().send("hello");
            flow.client().finish();
            Thread outage = new Thread(() -> rig.proxy().outage(true));
            outage.start();
            while (outage.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            eventLoopMayGoOn.countDown();
            outage.join();
            assertThat(rig.proxy().flows()).allMatch(tracked -> tracked.state() == FlowState.BLACKHOLED);

            rig.proxy().outage(false);

            assertThat(flow.upstream().receiveAll()).isEqualTo("hello");
        }
    }
}
