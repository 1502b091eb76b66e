package blackhole.middlebox.kernel;

import java.io.IOException;
import java.net.InetSocketAddress;

/** Kernel operations that a flow needs on the socket of one leg. Every method throws if the kernel refuses. */
public interface LegSocket {
    /** Something done to a socket. */
    @FunctionalInterface
    interface Call {
        void on(LegSocket socket) throws IOException;
    }

    /**
     * Makes the kernel discard every incoming segment before TCP sees it, FIN and RST included. Segments with the highest
     * TTL, 255, still pass; hosts send 64 or 128.
     */
    void blackhole() throws IOException;

    /** Undoes {@link #blackhole()}: what the peer retransmits arrives. */
    void heal() throws IOException;

    /** Fills {@code info} from TCP_INFO. */
    void readInfo(TcpInfo info) throws IOException;

    /**
     * Returns how many segments the kernel discarded on this socket since it was opened, {@code sk_drops}: a u32 that
     * wraps. While the socket is not blackholed, answered keepalive probes raise it as well, so only the rise since a
     * reading taken after {@link #blackhole()} counts discarded segments.
     */
    int discardedSegments() throws IOException;

    /** Sends FIN behind what was written. */
    void finish() throws IOException;

    /**
     * Returns where the peer was connecting to before a NAT rule of this machine redirected it to this socket. Without a
     * redirect, it is the socket's own address, or the kernel refuses.
     */
    InetSocketAddress originalDestination() throws IOException;

    /**
     * Makes closing the socket send neither FIN nor RST ({@code tcp_close} of a socket under repair). Needs CAP_NET_ADMIN.
     */
    void sendNothingOnClose() throws IOException;
}
