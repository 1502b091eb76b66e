package blackhole.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Ports of 127.0.0.1. */
final class Ports {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(20);

    private Ports() {}

    static InetSocketAddress at(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** A port that was free a moment ago. */
    static int free() {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(at(0));
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the port accepts connections; returns false after a timeout, or once {@code stillHoping} is false. */
    static boolean awaitListening(int port, BooleanSupplier stillHoping) {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (System.nanoTime() < deadline && stillHoping.getAsBoolean()) {
            try (Socket socket = new Socket()) {
                socket.connect(at(port));
                return true;
            } catch (IOException notYet) {
                LockSupport.parkNanos(5_000_000);
            }
        }
        return false;
    }
}
