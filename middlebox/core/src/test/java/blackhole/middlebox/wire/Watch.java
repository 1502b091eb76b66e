package blackhole.middlebox.wire;

import blackhole.support.OwnThread;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The first thing that a socket sees from now on. */
final class Watch {
    enum Sight {
        BYTE,
        FIN,
        RST,
        SILENCE
    }

    /** What was seen, and when. */
    record Seen(Sight what, Instant at) {}

    private final Future<Seen> seen;

    private Watch(Future<Seen> seen) {
        this.seen = seen;
    }

    static Watch over(Socket socket) {
        return new Watch(OwnThread.call(() -> new Seen(read(socket), Instant.now())));
    }

    private static Sight read(Socket socket) {
        try {
            return socket.getInputStream().read() < 0 ? Sight.FIN : Sight.BYTE;
        } catch (SocketException e) {
            return "Connection reset".equals(e.getMessage()) ? Sight.RST : Sight.SILENCE;
        } catch (IOException e) {
            return Sight.SILENCE;
        }
    }

    /** What is seen until the timeout. */
    Seen within(Duration timeout) throws InterruptedException {
        try {
            return seen.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return new Seen(Sight.SILENCE, Instant.now());
        }
    }
}
