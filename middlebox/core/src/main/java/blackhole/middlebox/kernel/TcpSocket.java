package blackhole.middlebox.kernel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * One TCP socket of this process, connected or listening, and the socket options that blackhole, heal and inspect it. Not thread-safe: a connected one belongs to its channel's event loop.
 *
 * <p>Every method throws {@link IOException} if the kernel refuses, for example because the socket is closed.
 */
public final class TcpSocket implements LegSocket {
    private static final Logger LOG = System.getLogger(TcpSocket.class.getName());

    /** {@code IPPROTO_IP}, netinet/in.h. */
    private static final int IPPROTO_IP = 0;

    /** {@code IPPROTO_TCP}, netinet/in.h. */
    private static final int IPPROTO_TCP = 6;

    /** {@code IPPROTO_IPV6}, netinet/in.h. */
    private static final int IPPROTO_IPV6 = 41;

    /** {@code SOL_SOCKET}, asm-generic/socket.h. */
    private static final int SOL_SOCKET = 1;

    /** {@code IP_MINTTL}, linux/in.h, ip(7); checked in {@code tcp_v4_rcv}, RFC 5082. */
    private static final int IP_MINTTL = 21;

    /** {@code IPV6_MINHOPCOUNT}, linux/in6.h; checked in {@code tcp_v6_rcv}. */
    private static final int IPV6_MINHOPCOUNT = 73;

    /** {@code TCP_INFO}, linux/tcp.h, tcp(7). */
    private static final int TCP_INFO = 11;

    /** {@code TCP_REPAIR}, linux/tcp.h; needs CAP_NET_ADMIN over the socket's network namespace. */
    private static final int TCP_REPAIR = 19;

    /** {@code SO_OOBINLINE}, asm-generic/socket.h, socket(7). */
    private static final int SO_OOBINLINE = 10;

    /** {@code SO_MEMINFO}, asm-generic/socket.h. */
    private static final int SO_MEMINFO = 55;

    /** Index of {@code SK_MEMINFO_DROPS} in the u32 array that SO_MEMINFO fills, linux/sock_diag.h. */
    private static final int SK_MEMINFO_DROPS = 8;

    private static final int SK_MEMINFO_VARS = 9;

    /**
     * {@code SO_ORIGINAL_DST}, linux/netfilter_ipv4.h, and {@code IP6T_SO_ORIGINAL_DST}, linux/netfilter_ipv6/ip6_tables.h: at the
     * level IPPROTO_IP a {@code struct sockaddr_in}, at IPPROTO_IPV6 a {@code struct sockaddr_in6} (ip(7), ipv6(7)).
     */
    private static final int SO_ORIGINAL_DST = 80;

    private static final int SOCKADDR_IN = 16;
    private static final int SOCKADDR_IN6 = 28;

    private static final int EVERY_TTL_BUT_255 = 255;
    private static final int ANY_TTL = 0;

    private static final FastThreadLocal<ByteBuffer> SCRATCH = new FastThreadLocal<>() {
        @Override
        protected ByteBuffer initialValue() {
            return ByteBuffer.allocateDirect(TcpInfo.SIZE).order(ByteOrder.nativeOrder());
        }
    };

    private final Socket socket;
    private final boolean carriesIpv4;

    private TcpSocket(Socket socket, boolean carriesIpv4) {
        this.socket = socket;
        this.carriesIpv4 = carriesIpv4;
    }

    /**
     * Returns the socket of a channel; empty unless it is one of Netty's native Linux channels. Whether segments arrive by
     * IPv4 or IPv6 follows from the peer's address, or from the local address of a listening channel.
     */
    public static Optional<TcpSocket> of(Channel channel) {
        if (!(channel instanceof UnixChannel unix) || !(unix.fd() instanceof Socket socket)) {
            return Optional.empty();
        }
        InetSocketAddress address = (InetSocketAddress)
                (channel.remoteAddress() != null ? channel.remoteAddress() : channel.localAddress());
        return Optional.of(new TcpSocket(socket, address.getAddress() instanceof Inet4Address));
    }

    /**
     * Leaves urgent data where it is in the stream, so that it is read like any other byte; otherwise the kernel takes it out
     * and it is lost. Sockets accepted from a listening one inherit this. Does nothing on other than native Linux channels.
     */
    public static void keepUrgentDataInline(Channel channel) throws IOException {
        if (channel instanceof UnixChannel unix && unix.fd() instanceof Socket socket) {
            socket.setIntOpt(SOL_SOCKET, SO_OOBINLINE, 1);
        }
    }

    static TcpSocket of(Socket socket) {
        return new TcpSocket(socket, true);
    }

    @Override
    public void blackhole() throws IOException {
        setMinimumTtl(EVERY_TTL_BUT_255);
    }

    @Override
    public void heal() throws IOException {
        setMinimumTtl(ANY_TTL);
    }

    private void setMinimumTtl(int ttl) throws IOException {
        if (carriesIpv4) {
            setOption(IPPROTO_IP, IP_MINTTL, ttl);
        } else {
            setOption(IPPROTO_IPV6, IPV6_MINHOPCOUNT, ttl);
            setForMappedIpv4(ttl);
        }
    }

    /** A listening IPv6 socket may also accept IPv4 (IPV6_V6ONLY, ipv6(7)); on others the kernel may refuse the option. */
    private void setForMappedIpv4(int ttl) {
        try {
            setOption(IPPROTO_IP, IP_MINTTL, ttl);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "the kernel refused IP_MINTTL on an IPv6 socket", e);
        }
    }

    @Override
    public void readInfo(TcpInfo info) throws IOException {
        info.read(readOption(IPPROTO_TCP, TCP_INFO, TcpInfo.SIZE));
    }

    @Override
    public int discardedSegments() throws IOException {
        return readOption(SOL_SOCKET, SO_MEMINFO, SK_MEMINFO_VARS * Integer.BYTES)
                .getInt(SK_MEMINFO_DROPS * Integer.BYTES);
    }

    @Override
    public void finish() throws IOException {
        socket.shutdown(false, true);
    }

    @Override
    public void sendNothingOnClose() throws IOException {
        setOption(IPPROTO_TCP, TCP_REPAIR, 1);
    }

    @Override
    public InetSocketAddress originalDestination() throws IOException {
        ByteBuffer address = carriesIpv4
                ? readOption(IPPROTO_IP, SO_ORIGINAL_DST, SOCKADDR_IN)
                : readOption(IPPROTO_IPV6, SO_ORIGINAL_DST, SOCKADDR_IN6);
        int port = Short.toUnsignedInt(address.order(ByteOrder.BIG_ENDIAN).getShort(2));
        address.order(ByteOrder.nativeOrder());
        byte[] host = new byte[carriesIpv4 ? 4 : 16];
        address.get(carriesIpv4 ? 4 : 8, host);
        return new InetSocketAddress(
                carriesIpv4
                        ? InetAddress.getByAddress(host)
                        : Inet6Address.getByAddress(null, host, address.getInt(24)),
                port);
    }

    private void setOption(int level, int option, int value) throws IOException {
        try {
            socket.setIntOpt(level, option, value);
        } catch (ChannelException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** The buffer is valid until the next call on this thread. */
    private ByteBuffer readOption(int level, int option, int size) throws IOException {
        ByteBuffer scratch = SCRATCH.get().clear().limit(size);
        try {
            socket.getRawOpt(level, option, scratch);
        } catch (ChannelException e) {
            throw new IOException(e.getMessage(), e);
        }
        return scratch;
    }
}
