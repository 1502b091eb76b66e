package blackhole.keepalive;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.instrument.Instrumentation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * {@code blackhole-keepalive-agent.jar}: gives all Kafka client sockets of an application that can't be changed the
 * options in the agent's arguments. {@link AgentArguments#USAGE} has them.
 *
 * <p>What the user got wrong ends the JVM at its start. What the user can't help, a Kafka or a JDK that this agent does
 * not know, is told once on standard error, and the sockets stay as they are.
 */
public final class KeepaliveAgent {

    private static final String NAME = "blackhole-keepalive-agent: ";

    private KeepaliveAgent() {}

    /** Entry point of {@code -javaagent:}. */
    public static void premain(@Nullable String arguments, Instrumentation instrumentation) {
        String text = arguments == null ? "" : arguments.trim();
        if (text.equals("help")) {
            System.out.print(AgentArguments.USAGE);
            System.out.flush();
            System.exit(0);
        }
        try {
            AgentArguments parsed = AgentArguments.parse(text);
            Log log = new Log(sink(parsed.log()));
            SocketAgent.install(instrumentation);
            SocketTuning.everywhere(possible(parsed.options()), log);
        } catch (UnsupportedJdkException e) {
            warn(e.getMessage() + "; Kafka's sockets stay as they are");
        } catch (IllegalArgumentException | IllegalStateException e) {
            System.err.println(NAME + e.getMessage());
            System.err.flush();
            // Thrown instead, it would be a stack trace and a core dump's worth of the JVM's own words.
            System.exit(1);
        }
    }

    /** One line on standard error: an agent must not bring a logging library along. */
    static void warn(@Nullable String message) {
        System.err.println(NAME + "warning: " + message);
    }

    private static SocketOptions possible(SocketOptions wanted) {
        if (wanted.userTimeout().isEmpty() || KernelSockets.hasUserTimeout()) {
            return wanted;
        }
        warn("user-timeout is left out, because only Linux has it");
        return new SocketOptions(
                wanted.keepAlive(),
                wanted.keepAliveIdle(),
                wanted.keepAliveInterval(),
                wanted.keepAliveCount(),
                Optional.empty());
    }

    private static @Nullable PrintStream sink(Optional<String> log) {
        if (log.isEmpty()) {
            return null;
        }
        if (log.get().equals("true")) {
            return System.err;
        }
        try {
            OutputStream file =
                    Files.newOutputStream(Path.of(log.get()), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            return new PrintStream(file, true, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(
                    "log=" + log.get() + ": the file can't be written: there is no such directory", e);
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException("log=" + log.get() + ": the file can't be written: " + e, e);
        }
    }

    /** Tells of each socket where asked to, and once of one whose options are not what was wanted. */
    private static final class Log implements SocketListener {

        private final @Nullable PrintStream sockets;
        private final AtomicBoolean warned = new AtomicBoolean();

        Log(@Nullable PrintStream sockets) {
            this.sockets = sockets;
        }

        @Override
        public void opened(TunedSocket socket) {
            if (sockets != null) {
                String options = socket.inForce().map(SocketOptions::toString).orElse("options unknown");
                sockets.println(
                        Instant.now().truncatedTo(ChronoUnit.MILLIS) + " " + socket.endpoints() + " " + options);
            }
            if (!socket.problems().isEmpty() && warned.compareAndSet(false, true)) {
                warn(socket.endpoints() + ": " + String.join("; ", socket.problems()) + " (said once)");
            }
        }

        @Override
        public boolean hearsOfEnds() {
            return false;
        }
    }
}
