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
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * {@code blackhole-keepalive-agent.jar}: sets TCP options on the sockets of all Kafka clients in an application that can't
 * be changed. {@link AgentArguments#USAGE} lists its arguments.
 *
 * <p>An invalid argument ends the JVM at startup. An unknown Kafka or JDK version is reported once on standard error, and the
 * sockets keep their options.
 */
public final class KeepaliveAgent {

    private static final String NAME = "blackhole-keepalive-agent: ";

    private KeepaliveAgent() {}

    /** Entry point for {@code -javaagent:}. */
    public static void premain(@Nullable String arguments, Instrumentation instrumentation) {
        String text = arguments == null ? "" : arguments.trim();
        if (text.equals("help")) {
            System.out.print(AgentArguments.USAGE);
            System.out.flush();
            System.exit(0);
        }
        if (text.equals("scoped")) {
            agentmain(text, instrumentation);
            return;
        }
        try {
            AgentArguments parsed = AgentArguments.parse(text);
            Log log = new Log(sink(parsed.log()));
            TunedSelectorProvider.install(instrumentation);
            SocketOptions options = supported(parsed.options());
            SocketTuning.everywhere(options, log);
            if (!parsed.quiet()) {
                System.err.println(NAME + "setting " + options + " on the sockets of Kafka clients");
            }
        } catch (UnsupportedJdkException e) {
            warn(e.getMessage() + "; Kafka's sockets keep their options");
        } catch (IllegalArgumentException | IllegalStateException e) {
            exit(e);
        }
    }

    /**
     * Entry point of {@code Launcher-Agent-Class}, for a jar that calls {@link SocketTuning#with} and sets no options
     * elsewhere.
     */
    public static void agentmain(@Nullable String arguments, Instrumentation instrumentation) {
        try {
            TunedSelectorProvider.install(instrumentation);
        } catch (IllegalStateException e) {
            exit(e);
        }
    }

    /** Prints a line on standard error: an agent must not bring in a logging library. */
    static void warn(@Nullable String message) {
        System.err.println(NAME + "warning: " + message);
    }

    /** Ends the JVM; an exception would print a stack trace and the JVM's own message. */
    private static void exit(RuntimeException e) {
        System.err.println(NAME + e.getMessage());
        System.err.flush();
        System.exit(1);
    }

    private static SocketOptions supported(SocketOptions wanted) {
        if (wanted.userTimeout() == null || KernelSockets.LINUX) {
            return wanted;
        }
        warn("user-timeout is ignored, because only Linux has it");
        return new SocketOptions(
                wanted.keepAlive(), wanted.keepAliveIdle(), wanted.keepAliveInterval(), wanted.keepAliveCount(), null);
    }

    private static @Nullable PrintStream sink(@Nullable String log) {
        if (log == null) {
            return null;
        }
        if (log.equals("true")) {
            return System.err;
        }
        try {
            OutputStream file =
                    Files.newOutputStream(Path.of(log), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            return new PrintStream(file, true, StandardCharsets.UTF_8);
        } catch (IOException | IllegalArgumentException e) {
            String reason = e instanceof NoSuchFileException ? "its directory does not exist" : e.toString();
            throw new IllegalArgumentException("log=" + log + ": can't write the file: " + reason, e);
        }
    }

    /** Logs each socket if asked to, and warns once if the options in force differ from those requested. */
    private static final class Log implements SocketListener {

        private final @Nullable PrintStream sockets;
        private final AtomicBoolean warned = new AtomicBoolean();

        Log(@Nullable PrintStream sockets) {
            this.sockets = sockets;
        }

        @Override
        public void opened(TunedSocket socket) {
            if (sockets != null) {
                String options = Objects.requireNonNullElse(socket.inForce(), "options unknown")
                        .toString();
                sockets.println(
                        Instant.now().truncatedTo(ChronoUnit.MILLIS) + " " + socket.endpoints() + " " + options);
            }
            if (!socket.problems().isEmpty() && warned.compareAndSet(false, true)) {
                warn(socket.endpoints() + ": " + String.join("; ", socket.problems()) + " (reported once)");
            }
        }

        @Override
        public boolean wantsClosed() {
            return false;
        }
    }
}
