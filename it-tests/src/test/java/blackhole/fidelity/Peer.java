package blackhole.fidelity;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import jdk.net.ExtendedSocketOptions;

/**
 * The application on one host: a program that runs inside a namespace, reads commands for its connections from its
 * standard input, and reports what happens to them on its standard output.
 *
 * <pre>
 * in:  CONNECTION listen PORT [OPTION=VALUE]...     each accepted connection is CONNECTION#1, CONNECTION#2 …
 *      CONNECTION connect HOST PORT [OPTION=VALUE]...
 *      CONNECTION send BYTES | fill | urgent | read | finish | close | reset | set OPTION=VALUE...
 * out: TIME CONNECTION connected | accepted | received BYTES | end of stream | failed: REASON
 * </pre>
 *
 * <p>Options: keepAlive=on, keepAlive=off, keepIdle, keepInterval (seconds), keepCount, userTimeout (milliseconds),
 * receiveBuffer (bytes), localPort, read=off. They are set in the order in which they are given.
 */
final class Peer {
    /** {@code IPPROTO_TCP}, netinet/in.h. */
    private static final int IPPROTO_TCP = 6;

    /** {@code TCP_USER_TIMEOUT}, linux/tcp.h, tcp(7). */
    private static final int TCP_USER_TIMEOUT = 18;

    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private final Map<String, Connection> connections = new ConcurrentHashMap<>();

    private Peer() {}

    public static void main(String[] arguments) throws IOException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Peer peer = new Peer();
        OUT.println("peer ready");
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            List<String> words = Arrays.asList(line.split(" "));
            peer.command(words.get(0), words.get(1), words.subList(2, words.size()));
        }
        System.exit(0);
    }

    private void command(String name, String verb, List<String> words) {
        switch (verb) {
            case "listen" ->
                inBackground(name, () -> listen(name, Integer.parseInt(words.get(0)), words.subList(1, words.size())));
            case "connect" ->
                inBackground(name, () -> {
                    InetSocketAddress to = new InetSocketAddress(words.get(0), Integer.parseInt(words.get(1)));
                    connect(name, to, words.subList(2, words.size()));
                });
            case "send" -> run(name, () -> connection(name).send(Integer.parseInt(words.get(0))));
            case "fill" -> inBackground(name, () -> connection(name).fill());
            case "urgent" -> run(name, () -> connection(name).channel.socket().sendUrgentData(1));
            case "read" -> connection(name).startReading.countDown();
            case "finish" -> run(name, () -> connection(name).channel.shutdownOutput());
            case "close" -> run(name, () -> connection(name).close());
            case "set" -> run(name, () -> setOptions(connection(name).channel, words));
            case "reset" -> run(name, () -> connection(name).reset());
            default -> throw new IllegalArgumentException(verb);
        }
    }

    private void listen(String name, int port, List<String> options) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        setOptions(server, options);
        server.bind(new InetSocketAddress(port));
        report(name, "listening");
        for (int i = 1; ; i++) {
            open(name + "#" + i, server.accept(), options, "accepted");
        }
    }

    private void connect(String name, InetSocketAddress to, List<String> options) throws IOException {
        SocketChannel channel = SocketChannel.open();
        setOptions(channel, options);
        channel.connect(to);
        open(name, channel, options, "connected");
    }

    private void open(String name, SocketChannel channel, List<String> options, String event) throws IOException {
        setOptions(channel, options);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        Connection connection = new Connection(name, channel);
        connections.put(name, connection);
        report(name, event);
        if (!options.contains("read=off")) {
            connection.startReading.countDown();
        }
    }

    private Connection connection(String name) {
        Connection connection = connections.get(name);
        if (connection == null) {
            throw new IllegalArgumentException("no connection " + name);
        }
        return connection;
    }

    @FunctionalInterface
    private interface Action {
        void run() throws IOException, InterruptedException;
    }

    private static Thread inBackground(String name, Action action) {
        Thread thread = new Thread(() -> run(name, action), name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void run(String name, Action action) {
        try {
            action.run();
        } catch (AsynchronousCloseException e) {
            // Closed by a command.
        } catch (IOException e) {
            report(name, "failed: " + e.getMessage());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void report(String name, String event) {
        OUT.println(Instant.now() + " " + name + " " + event);
    }

    private static void setOptions(NetworkChannel channel, List<String> options) throws IOException {
        for (String option : options) {
            String[] nameAndValue = option.split("=", 2);
            String value = nameAndValue[1];
            switch (nameAndValue[0]) {
                case "keepAlive" -> set(channel, StandardSocketOptions.SO_KEEPALIVE, value.equals("on"));
                case "keepIdle" -> set(channel, ExtendedSocketOptions.TCP_KEEPIDLE, Integer.valueOf(value));
                case "keepInterval" -> set(channel, ExtendedSocketOptions.TCP_KEEPINTERVAL, Integer.valueOf(value));
                case "keepCount" -> set(channel, ExtendedSocketOptions.TCP_KEEPCOUNT, Integer.valueOf(value));
                case "receiveBuffer" -> set(channel, StandardSocketOptions.SO_RCVBUF, Integer.valueOf(value));
                case "userTimeout" -> setUserTimeout(channel, Integer.parseInt(value));
                case "localPort" -> {
                    if (channel.getLocalAddress() == null) {
                        set(channel, StandardSocketOptions.SO_REUSEADDR, true);
                        channel.bind(new InetSocketAddress(Integer.parseInt(value)));
                    }
                }
                case "read" -> {}
                default -> throw new IllegalArgumentException(option);
            }
        }
    }

    /** Listening channels support few options; the channels they accept get them all. */
    private static <T> void set(NetworkChannel channel, SocketOption<T> option, T value) throws IOException {
        if (channel.supportedOptions().contains(option)) {
            channel.setOption(option, value);
        }
    }

    /** The JDK has no name for this option, only the system call; needs {@code --add-opens java.base/sun.nio.ch}. */
    private static void setUserTimeout(NetworkChannel channel, int milliseconds) {
        try {
            Method descriptor = Class.forName("sun.nio.ch.SelChImpl").getMethod("getFD");
            Method setIntOption = Class.forName("sun.nio.ch.Net")
                    .getDeclaredMethod(
                            "setIntOption0",
                            FileDescriptor.class,
                            boolean.class,
                            int.class,
                            int.class,
                            int.class,
                            boolean.class);
            descriptor.setAccessible(true);
            setIntOption.setAccessible(true);
            setIntOption.invoke(
                    null, descriptor.invoke(channel), false, IPPROTO_TCP, TCP_USER_TIMEOUT, milliseconds, false);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JDK sets no TCP_USER_TIMEOUT", e);
        }
    }

    private static final class Connection {
        private static final int CHUNK = 64 * 1024;
        private static final long READER_ENDS_WITHIN = 5_000;

        final String name;
        final SocketChannel channel;
        final CountDownLatch startReading = new CountDownLatch(1);
        final Thread reader;

        Connection(String name, SocketChannel channel) {
            this.name = name;
            this.channel = channel;
            reader = inBackground(name, this::read);
        }

        void send(int bytes) throws IOException {
            ByteBuffer data = ByteBuffer.allocate(bytes);
            while (data.hasRemaining()) {
                channel.write(data);
            }
        }

        /** Sends for as long as the connection takes more. */
        void fill() throws IOException {
            while (channel.isOpen()) {
                send(CHUNK);
            }
        }

        void reset() throws IOException, InterruptedException {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            close();
        }

        /** The kernel ends the connection when the system call that reads from it has returned, so waits for that. */
        void close() throws IOException, InterruptedException {
            channel.close();
            reader.join(READER_ENDS_WITHIN);
        }

        private void read() throws IOException, InterruptedException {
            startReading.await();
            ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
            for (int n = channel.read(buffer); n >= 0; n = channel.read(buffer.clear())) {
                report(name, "received " + n);
            }
            report(name, "end of stream");
        }
    }
}
