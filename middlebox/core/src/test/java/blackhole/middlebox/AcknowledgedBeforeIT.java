package blackhole.middlebox;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.flow.FlowEvent;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import blackhole.middlebox.flow.FlowState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Bytes that the kernel acknowledged before a flow fell silent, and that the proxy reads after that. */
@EnabledOnOs(OS.LINUX)
class AcknowledgedBeforeIT {
    private final CountDownLatch secondFlowOpens = new CountDownLatch(1);
    private final CountDownLatch eventLoopMayGoOn = new CountDownLatch(1);

    /** Holds the only event loop up, so that it has an outage before it reads what has come in. */
    private void holdUpAtSecondFlow(FlowEvent event) {
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
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                Middlebox proxy = Middlebox.builder()
                        .route("0=127.0.0.1:" + server.getLocalPort())
                        .eventLoops(1)
                        .listener(this::holdUpAtSecondFlow)
                        .start();
                Socket client = connect(proxy);
                Socket upstream = server.accept();
                Socket other = connect(proxy)) {
            upstream.setSoTimeout(10_000);
            secondFlowOpens.await();
            client.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
            client.shutdownOutput();
            Thread beginningOutage = new Thread(() -> proxy.outage(true));
            beginningOutage.start();
            while (beginningOutage.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            eventLoopMayGoOn.countDown();
            beginningOutage.join();
            assertThat(proxy.flows()).allMatch(flow -> flow.state() == FlowState.BLACKHOLED);

            proxy.outage(false);

            assertThat(upstream.getInputStream().readAllBytes()).asString().isEqualTo("hello");
            assertThat(other.isConnected()).isTrue();
        }
    }

    private static Socket connect(Middlebox proxy) throws IOException {
        InetSocketAddress address = proxy.address();
        return new Socket(address.getAddress(), address.getPort());
    }
}
