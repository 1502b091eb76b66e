package blackhole.keepalive;

import static jdk.net.ExtendedSocketOptions.TCP_KEEPCOUNT;
import static jdk.net.ExtendedSocketOptions.TCP_KEEPIDLE;
import static jdk.net.ExtendedSocketOptions.TCP_KEEPINTERVAL;

import java.io.FileDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Sets and reads the kernel's options of a socket. The only class that knows option numbers and uses JDK internals:
 * {@code TCP_USER_TIMEOUT} has no public API, but the JDK's {@code sun.nio.ch.Net} can set it without a native library. {@link TunedSelectorProvider#install} opens that package.
 */
final class KernelSockets {

    /** {@code IPPROTO_TCP}, netinet/in.h. */
    private static final int TCP = 6;

    /** linux/tcp.h and tcp(7): milliseconds, 0 for the system default. */
    private static final int TCP_USER_TIMEOUT = 18;

    /** linux/tcp.h and tcp(7): the first byte of {@code struct tcp_info} is {@code tcpi_state}. */
    private static final int TCP_INFO = 11;

    /** include/net/tcp_states.h: the kernel gave up the connection, or received a RST. */
    private static final int TCP_CLOSE = 7;

    /** include/net/tcp_states.h: the peer sent a FIN. */
    private static final int TCP_CLOSE_WAIT = 8;

    /** include/net/tcp_states.h: the peer sent a FIN, then this end did. */
    private static final int TCP_LAST_ACK = 9;

    /** include/net/tcp_states.h, as written in the tables: both ends closed the connection. */
    private static final String TIME_WAIT = "06";

    private static final List<Path> TABLES = List.of(Path.of("/proc/net/tcp6"), Path.of("/proc/net/tcp"));

    /** Only Linux has {@code TCP_USER_TIMEOUT} and {@code TCP_INFO}. */
    static final boolean LINUX = System.getProperty("os.name", "").equals("Linux");

    private final Method defaultProvider;
    private final Method fileDescriptor;
    private final Method localAddress;
    private final Method setInt;
    private final Method getInt;

    /** @throws UnsupportedJdkException if this JDK's internals are not those of JDK 17 to 25 */
    KernelSockets() {
        try {
            // A modular application may run without it, and would otherwise fail on Kafka's thread.
            Class.forName("jdk.net.ExtendedSocketOptions");
            Class<?> net = Class.forName("sun.nio.ch.Net");
            Class<?> fd = FileDescriptor.class;
            defaultProvider = opened(Class.forName("sun.nio.ch.DefaultSelectorProvider"), "get");
            fileDescriptor = opened(Class.forName("sun.nio.ch.SelChImpl"), "getFD");
            localAddress = opened(net, "localAddress", fd);
            setInt = opened(net, "setIntOption0", fd, boolean.class, int.class, int.class, int.class, boolean.class);
            getInt = opened(net, "getIntOption0", fd, boolean.class, int.class, int.class);
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new UnsupportedJdkException(
                    "this JDK (" + Runtime.version() + ") lacks " + e.getMessage()
                            + ", which the agent requires; use JDK 17 to 25 with the module jdk.net",
                    e);
        }
    }

    SelectorProvider defaultProvider() {
        try {
            return (SelectorProvider) get(defaultProvider, null);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sets the options, reads all five back and records failures; never throws for an option. */
    TunedSocket tune(SocketChannel channel, SelectionKey key, SocketOptions wanted) {
        List<String> problems = new ArrayList<>();
        set(channel, StandardSocketOptions.SO_KEEPALIVE, wanted.keepAlive(), problems);
        if (wanted.keepAlive()) {
            set(channel, TCP_KEEPIDLE, (int) wanted.keepAliveIdle().toSeconds(), problems);
            set(channel, TCP_KEEPINTERVAL, (int) wanted.keepAliveInterval().toSeconds(), problems);
            set(channel, TCP_KEEPCOUNT, wanted.keepAliveCount(), problems);
        }
        int userTimeout =
                wanted.userTimeout() == null ? 0 : (int) wanted.userTimeout().toMillis();
        if (LINUX) {
            attempt("TCP_USER_TIMEOUT", problems, () -> setInt(channel, TCP_USER_TIMEOUT, userTimeout));
        } else if (userTimeout > 0) {
            problems.add("TCP_USER_TIMEOUT was not set: only Linux has it");
        }
        SocketOptions inForce = readBack(channel, problems);
        if (inForce != null && !isAsWanted(inForce, wanted)) {
            problems.add("requested " + wanted + ", but the kernel has " + inForce);
        }
        return new TunedSocket(local(channel), remote(channel), wanted, inForce, problems, channel, key);
    }

    /** Returns who ended the connection while the descriptor is open; empty if it is alive, or outside Linux. */
    Optional<SocketEnd> endOf(SocketChannel channel) {
        if (!LINUX) {
            return Optional.empty();
        }
        try {
            int word = getInt(channel, TCP_INFO);
            int state = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? word & 0xff : word >>> 24;
            return switch (state) {
                case TCP_CLOSE -> Optional.of(SocketEnd.KERNEL);
                case TCP_CLOSE_WAIT, TCP_LAST_ACK -> Optional.of(SocketEnd.PEER);
                default -> Optional.empty();
            };
        } catch (IOException closedMeanwhile) {
            return Optional.empty();
        }
    }

    /**
     * Returns the same for a socket that the client closed since the last check. The client's close also leads to
     * {@code TCP_CLOSE} if the peer's FIN follows at once, but only that leaves {@code TIME-WAIT} behind. The socket error
     * can't tell them apart, because a client that closes because of it has already read it.
     */
    Optional<SocketEnd> endBeforeClose(TunedSocket socket) {
        return endOf(socket.channel()).filter(end -> end != SocketEnd.KERNEL || !isInTimeWait(socket));
    }

    /** See proc_pid_net(5). */
    private static boolean isInTimeWait(TunedSocket socket) {
        String local = String.format(":%04X", socket.local().getPort());
        String remote = String.format(":%04X", socket.remote().getPort());
        for (Path table : TABLES) {
            try (Stream<String> lines = Files.lines(table, StandardCharsets.US_ASCII)) {
                if (lines.map(line -> line.trim().split("\\s+", 5))
                        .anyMatch(field -> field.length > 4
                                && field[1].endsWith(local)
                                && field[2].endsWith(remote)
                                && field[3].equals(TIME_WAIT))) {
                    return true;
                }
            } catch (IOException | UncheckedIOException noSuchTable) {
                // There is only one table without IPv6.
            }
        }
        return false;
    }

    private @Nullable SocketOptions readBack(SocketChannel channel, List<String> problems) {
        try {
            int userTimeout = LINUX ? getInt(channel, TCP_USER_TIMEOUT) : 0;
            return new SocketOptions(
                    channel.getOption(StandardSocketOptions.SO_KEEPALIVE),
                    Duration.ofSeconds(channel.getOption(TCP_KEEPIDLE)),
                    Duration.ofSeconds(channel.getOption(TCP_KEEPINTERVAL)),
                    channel.getOption(TCP_KEEPCOUNT),
                    userTimeout == 0 ? null : Duration.ofMillis(userTimeout));
        } catch (IOException | RuntimeException e) {
            problems.add("the options could not be read back: " + e);
            return null;
        }
    }

    /** Ignores the timers of a socket without keepalive, which are the system's. */
    private static boolean isAsWanted(SocketOptions read, SocketOptions wanted) {
        if (!wanted.keepAlive()) {
            return !read.keepAlive() && Objects.equals(read.userTimeout(), wanted.userTimeout());
        }
        return read.equals(wanted);
    }

    private static <T> void set(SocketChannel channel, SocketOption<T> option, T value, List<String> problems) {
        attempt(option.name(), problems, () -> channel.setOption(option, value));
    }

    private static void attempt(String option, List<String> problems, Callable<?> setting) {
        try {
            setting.call();
        } catch (Exception e) {
            problems.add(option + " was not set: " + e);
        }
    }

    /** {@code getLocalAddress()} is null until the connect finishes, but the kernel already knows the port. */
    private InetSocketAddress local(SocketChannel channel) {
        try {
            return (InetSocketAddress) get(localAddress, null, descriptor(channel));
        } catch (IOException e) {
            return new InetSocketAddress(0);
        }
    }

    private static InetSocketAddress remote(SocketChannel channel) {
        try {
            return channel.getRemoteAddress() instanceof InetSocketAddress address ? address : new InetSocketAddress(0);
        } catch (IOException e) {
            return new InetSocketAddress(0);
        }
    }

    private @Nullable Object setInt(SocketChannel channel, int option, int value) throws IOException {
        return invoke(setInt, null, descriptor(channel), false, TCP, option, value, false);
    }

    private int getInt(SocketChannel channel, int option) throws IOException {
        return (int) get(getInt, null, descriptor(channel), false, TCP, option);
    }

    private Object descriptor(SocketChannel channel) throws IOException {
        return get(fileDescriptor, channel);
    }

    private static Method opened(Class<?> owner, String name, Class<?>... parameters) throws NoSuchMethodException {
        Method method = owner.getDeclaredMethod(name, parameters);
        method.setAccessible(true);
        return method;
    }

    private static Object get(Method method, @Nullable Object target, Object... arguments) throws IOException {
        return Objects.requireNonNull(invoke(method, target, arguments), "the JDK's getters never return null");
    }

    /** Returns null if the method is void. */
    private static @Nullable Object invoke(Method method, @Nullable Object target, Object... arguments)
            throws IOException {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException(method + " failed", e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(method + " is not open to the keepalive agent", e);
        }
    }
}
