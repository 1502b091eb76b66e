package blackhole.keepalive;

/** Who ended a connection, found out from the kernel's TCP state before the client closed its descriptor. */
public enum SocketEnd {
    /** The kernel: unacknowledged data or keepalive probes timed out, a RST came, or the connect failed. */
    KERNEL("by the kernel (timed out or reset)"),
    /** The peer: it sent a FIN. */
    PEER("by the peer (FIN)"),
    /** The client: its own request timeout, its own idle limit, or its {@code close()}. */
    CLIENT("by the producer");

    private final String text;

    SocketEnd(String text) {
        this.text = text;
    }

    /** Returns text such as {@code by the peer (FIN)}. */
    public String text() {
        return text;
    }
}
