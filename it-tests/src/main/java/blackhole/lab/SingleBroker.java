package blackhole.lab;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;

/** The reserved ports of a broker of one node, and its life. */
abstract class SingleBroker implements KafkaBroker {

    private final List<ReservedPort> proxied;
    private boolean closed;

    SingleBroker(int proxiedListeners) {
        proxied = Stream.generate(ReservedPort::take).limit(proxiedListeners).toList();
    }

    /** Starts the broker and returns when it serves clients. */
    abstract void serve(List<InetSocketAddress> advertised) throws Exception;

    /** Returns the message of the exception to throw if {@link #serve} has failed. */
    abstract String reason(Throwable failure);

    /** Ends the broker, also one that has failed to start. Called once. */
    abstract void end();

    @Override
    public final List<InetSocketAddress> upstreams() {
        return proxied.stream().map(ReservedPort::address).toList();
    }

    @Override
    public void start(List<InetSocketAddress> advertised) {
        try {
            serve(advertised);
        } catch (Throwable t) {
            KafkaBroker failed = this;
            try (failed) {
                throw new IllegalStateException(reason(t), t);
            }
        }
    }

    /** Gives the proxied listeners' ports to whichever process binds them next. */
    final void release() {
        proxied.forEach(ReservedPort::close);
    }

    @Override
    public final void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            end();
        } finally {
            release();
        }
    }
}
