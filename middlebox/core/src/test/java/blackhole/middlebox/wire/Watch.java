package blackhole.middlebox.wire;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.support.OwnThread;
import blackhole.support.RawPeer;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The first thing that a peer sees from now on. */
record Watch(Future<Seen> seen) {
    static final Duration MOMENT = Duration.ofMillis(700);

    enum Sight {
        BYTE,
        FIN,
        RST,
        NOTHING
    }

    record Seen(Sight what, Instant at) {}

    static Watch over(RawPeer peer) {
        return new Watch(OwnThread.call(() -> new Seen(read(peer), Instant.now())));
    }

    private static Sight read(RawPeer peer) {
        try {
            return peer.receive(1).isEmpty() ? Sight.FIN : Sight.BYTE;
        } catch (SocketException e) {
            return "Connection reset".equals(e.getMessage()) ? Sight.RST : Sight.NOTHING;
        } catch (IOException e) {
            return Sight.NOTHING;
        }
    }

    /** What is seen until the timeout. */
    Seen within(Duration timeout) throws InterruptedException {
        try {
            return seen.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return new Seen(Sight.NOTHING, Instant.now());
        }
    }

    void assertSees(Sight expected) throws InterruptedException {
        assertThat(within(expected == Sight.NOTHING ? MOMENT : RawPeer.PATIENCE).what())
                .isEqualTo(expected);
    }

    /** What {@code from} sends is not acknowledged, and {@code to} sees nothing. */
    static void assertBlackholed(RawPeer from, RawPeer to) throws Exception {
        from.send("?");
        over(to).assertSees(Sight.NOTHING);
        over(from).assertSees(Sight.NOTHING);
    }
}
