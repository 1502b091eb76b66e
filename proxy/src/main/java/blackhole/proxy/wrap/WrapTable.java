package blackhole.proxy.wrap;

import blackhole.middlebox.config.UsageException;
import blackhole.proxy.redirect.Nft;
import blackhole.proxy.redirect.Ports;
import blackhole.proxy.redirect.RedirectTable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The nft table of one wrapped command. One number is the command's group ID, the proxy's port, and part of the table's name. So
 * a proxy that listens on the port owns the number, and a table whose port is free is left over from a proxy that was killed.
 *
 * @param number from a range that neither distributions, systemd (UIDS-GIDS.md) nor the kernel's ephemeral ports use
 */
public record WrapTable(int number) {
    private static final int FIRST = 61_000;
    private static final int LAST = 61_183;
    private static final String PREFIX = RedirectTable.NAME + "-wrap-";

    /** What {@link #claim} started, and the number that it owns. */
    public record Claimed<T>(WrapTable table, T proxy) {}

    /**
     * Finds a free number and starts a proxy on it.
     *
     * @param start listens on the port that it is given
     * @throws UsageException if all numbers are taken, or the proxy can't be started
     */
    public static <T> Claimed<T> claim(IntFunction<T> start) {
        for (int number = FIRST; number <= LAST; number++) {
            if (isFree(number) && !isGroup(number)) {
                try {
                    return new Claimed<>(new WrapTable(number), start.apply(number));
                } catch (UsageException e) {
                    // Another proxy may have been faster.
                    if (isFree(number)) {
                        throw e;
                    }
                }
            }
        }
        throw new UsageException("all ports from " + FIRST + " to " + LAST + " are in use; end other wrapped commands");
    }

    /** Deletes the tables of proxies that were killed. */
    public static void removeLeftOvers() {
        for (String name : Nft.tables(PREFIX)) {
            IntStream.rangeClosed(FIRST, LAST)
                    .filter(number -> name.equals(PREFIX + number))
                    .forEach(number -> removeIfLeftOver(number, name));
        }
    }

    /** Holds the port in the meantime, so that no proxy can claim the number. */
    private static void removeIfLeftOver(int number, String name) {
        try (ServerSocket claim = listen(number)) {
            if (claim.isBound()) {
                Nft.apply(RedirectTable.deleteScript(name));
            }
        } catch (IOException e) {
            // Its proxy is running.
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket listening = listen(port)) {
            return listening.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private static ServerSocket listen(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        try {
            socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port));
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** A command with the ID of a group that exists would have its access rights. */
    private static boolean isGroup(int gid) {
        return InvokingUser.output("getent", "group", String.valueOf(gid)) != null;
    }

    /** Adds the table. */
    public void add(Ports ports) {
        Nft.apply(new RedirectTable(name(), ports, number, null, (long) number).script());
    }

    public void remove() {
        Nft.apply(RedirectTable.deleteScript(name()));
    }

    private String name() {
        return PREFIX + number;
    }
}
