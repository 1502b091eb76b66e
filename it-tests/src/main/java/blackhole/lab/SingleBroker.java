package blackhole.lab;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;

/** The reserved ports of a broker of one node, and its life. */
abstract class SingleBroker implements KafkaBroker {

    private enum State {
        RESERVED,
        STARTED,
        CLOSED
    }

    private final List<ReservedPort> proxied;
    private State state = State.RESERVED;

    SingleBroker(int proxiedListeners) {
        proxied = Stream.generate(ReservedPort::take)
                .limit(requireAny(proxiedListeners))
                .toList();
    }

    static int requireAny(int proxiedListeners) {
        if (proxiedListeners < 1) {
            throw new IllegalArgumentException("a broker needs at least one proxied listener, not " + proxiedListeners);
        }
        return proxiedListeners;
    }

    /** Starts the broker and returns when it serves clients. */
    abstract void serve(List<InetSocketAddress> advertised) throws Exception;

    /** Returns the message of the exception to throw if {@link #serve} has failed. */
    abstract String reason(Throwable failure);

    /** Ends the broker, also one that has failed to start. Called once. */
    abstract void end();

    abstract String bootstrap();

    @Override
    public final List<InetSocketAddress> upstreams() {
        return proxied.stream().map(ReservedPort::address).toList();
    }

    @Override
    public void start(List<InetSocketAddress> advertised) {
        if (state != State.RESERVED) {
            throw new IllegalStateException("a broker starts once; this one is " + state);
        }
        if (advertised.size() != proxied.size()) {
            throw new IllegalArgumentException(
                    proxied.size() + " proxied listeners need as many advertised addresses, not " + advertised.size());
        }
        state = State.STARTED;
        try {
            serve(advertised);
        } catch (Throwable t) {
            KafkaBroker failed = this;
            try (failed) {
                throw new BrokerStartException(reason(t), t);
            }
        }
    }

    @Override
    public final String directBootstrap() {
        if (state != State.STARTED) {
            throw new IllegalStateException("the broker does not run; it is " + state);
        }
        return bootstrap();
    }

    /** Gives the proxied listeners' ports to whoever binds them next. */
    final void release() {
        proxied.forEach(ReservedPort::close);
    }

    @Override
    public final void close() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        try {
            end();
        } finally {
            release();
        }
    }
}
