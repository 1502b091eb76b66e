package blackhole.middlebox.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import blackhole.middlebox.Rig;
import blackhole.support.KernelSocket;
import blackhole.support.OwnThread;
import blackhole.support.RawPeer;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever clients do to a relay port leaves nothing behind: no descriptor, no flow, and as in all tests no buffer. */
class GarbageIT {
    private static final int CONNECTIONS = 10_000;
    private static final int AT_ONCE = 100;

    @AutoClose
    private Rig rig;

    private int descriptorsBefore;
    private volatile boolean upstreamResets;

    @BeforeEach
    void start() throws IOException {
        rig = Rig.start();
        OwnThread.run(this::readAndCloseOrResetEachConnection);
        connectAndClose(AT_ONCE, true);
        rig.awaitNoFlows();
        descriptorsBefore = KernelSocket.openDescriptorsAtRest();
    }

    private void readAndCloseOrResetEachConnection() throws IOException {
        for (int i = 0; ; i++) {
            RawPeer peer = RawPeer.accept(rig.server());
            if (upstreamResets && i % 4 == 0) {
                peer.reset();
            } else {
                OwnThread.run(() -> {
                    try (peer) {
                        peer.receiveAll();
                    }
                });
            }
        }
    }

    @Test
    void tenThousandConnectionsLeaveNothing() throws Exception {
        upstreamResets = true;
        for (int done = 0; done < CONNECTIONS; done += AT_ONCE) {
            // A RST leaves no TIME_WAIT behind; every tenth time, a FIN does.
            connectAndClose(AT_ONCE, done % (10 * AT_ONCE) != 0);
            await().atMost(Rig.PATIENCE).until(() -> rig.proxy().flows().size() < 2 * AT_ONCE);
        }
        assertNothingIsLeft();
    }

    @Test
    void randomBytesHalfClosesAndResetsLeaveNothing() throws Exception {
        Random random = new Random(3);
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            Socket socket = new Socket(
                    rig.proxy().address().getAddress(), rig.proxy().address().getPort());
            sockets.add(socket);
            byte[] bytes = new byte[random.nextInt(100_000)];
            random.nextBytes(bytes);
            socket.getOutputStream().write(bytes);
            switch (i % 4) {
                case 0 -> socket.shutdownOutput();
                case 1 -> socket.setSoLinger(true, 0);
                case 2 -> socket.shutdownInput();
                default -> {}
            }
        }
        rig.proxy().expire(flow -> flow.id() % 3 == 0);
        for (Socket socket : sockets) {
            socket.close();
        }
        rig.proxy().heal(flow -> flow.id() % 2 == 0);
        // A client's RST that came while its flow was expired is lost, so a healed flow may stay for ever.
        rig.proxy().reset(flow -> flow.id() % 3 == 0);

        assertNothingIsLeft();
    }

    private void connectAndClose(int number, boolean reset) throws IOException {
        for (int i = 0; i < number; i++) {
            try (RawPeer client = RawPeer.connect(rig.proxy().address())) {
                if (reset) {
                    client.reset();
                }
            } catch (SocketException upstreamWasFirst) {
                assertThat(upstreamWasFirst).hasMessageContaining("reset");
            }
        }
    }

    private void assertNothingIsLeft() {
        await().atMost(Rig.PATIENCE).untilAsserted(() -> {
            assertThat(rig.proxy().flows()).isEmpty();
            assertThat(KernelSocket.openDescriptors()).isLessThanOrEqualTo(descriptorsBefore);
        });
    }
}
