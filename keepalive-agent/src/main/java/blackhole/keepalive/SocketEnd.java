package blackhole.keepalive;

/** Who ended a connection, found out from the kernel's TCP state before the client closed its descriptor. */
public enum SocketEnd {
    /** The kernel: unacknowledged data or keepalive probes timed out, a RST came, or the connect failed. */
    KERNEL,
    /** The peer: it sent a FIN. */
    PEER,
    /** The client: its own request timeout, its own idle limit, or its {@code close()}. */
    CLIENT
}
