package blackhole.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.proxy.FlowEvent.FlowOpened;
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

    /** Holds the only event loop up, so that it goes dark before it reads what has come in. */
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
                BlackholeProxy proxy = BlackholeProxy.builder()
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
            Thread goingDark = new Thread(() -> proxy.dark(true));
            goingDark.start();
            while (goingDark.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            eventLoopMayGoOn.countDown();
            goingDark.join();
            assertThat(proxy.flows()).allMatch(flow -> flow.state() == FlowState.BLACKHOLED);

            proxy.dark(false);

            assertThat(upstream.getInputStream().readAllBytes()).asString().isEqualTo("hello");
            assertThat(other.isConnected()).isTrue();
        }
    }

    private static Socket connect(BlackholeProxy proxy) throws IOException {
        InetSocketAddress address = proxy.address();
        return new Socket(address.getAddress(), address.getPort());
    }
}
