package blackhole.middlebox.relay;

import blackhole.middlebox.codec.FlowCodec;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.flow.FlowState;
import blackhole.middlebox.flow.Leg;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A flow whose client is accepted and whose upstream is being resolved and connected. Belongs to the flow's event loop. */
final class ConnectingFlow implements State {
    private static final Logger LOG = System.getLogger(ConnectingFlow.class.getName());

    private final FlowEntry flow;

    /** When the flow was accepted, or healed. */
    private final long since;

    private @Nullable SocketChannel upstream;

    ConnectingFlow(FlowEntry flow, long since) {
        this.flow = flow;
        this.since = since;
    }

    /** Tells the flow, on its event loop, that it is connected or that its upstream is unreachable. */
    void connect(ProxyServer server, @Nullable FlowCodec codec, Endpoint endpoint, Duration timeout) {
        EventLoop loop = flow.legs.client.channel.eventLoop();
        Attempts attempts = new Attempts(server, codec, endpoint, server.platform.now() + timeout.toNanos());
        server.names.resolve(endpoint, timeout).whenComplete((addresses, failure) -> {
            Runnable resolved = attempts.guard(() -> attempts.resolved(addresses, failure));
            if (loop.inEventLoop()) {
                resolved.run();
            } else {
                loop.execute(resolved);
            }
        });
    }

    /** Tries the addresses of the upstream's name one after the other; the time left is divided among those left. */
    private final class Attempts {
        private final ProxyServer server;
        private final @Nullable FlowCodec codec;
        private final Endpoint endpoint;
        private final long deadline;
        private final Deque<InetSocketAddress> left = new ArrayDeque<>(1);
        private final List<String> failures = new ArrayList<>(0);

        Attempts(ProxyServer server, @Nullable FlowCodec codec, Endpoint endpoint, long deadline) {
            this.server = server;
            this.codec = codec;
            this.endpoint = endpoint;
            this.deadline = deadline;
        }

        Runnable guard(Runnable task) {
            return server.failures.guard("connect to upstream", task);
        }

        void resolved(@Nullable List<InetSocketAddress> addresses, @Nullable Throwable failure) {
            if (!flow.isIn(ConnectingFlow.this)) {
                return;
            }
            if (addresses != null) {
                left.addAll(addresses);
                tryNext();
            } else {
                Throwable wrapped = failure instanceof CompletionException ? failure.getCause() : null;
                failed(wrapped != null ? wrapped : Objects.requireNonNull(failure, "ends with addresses or a failure"));
            }
        }

        private void tryNext() {
            long millis = TimeUnit.NANOSECONDS.toMillis((deadline - server.platform.now()) / left.size());
            InetSocketAddress address = left.removeFirst();
            SocketChannel channel;
            try {
                channel = server.platform.newConnecting(address);
            } catch (ChannelException e) {
                failed(e);
                return;
            }
            upstream = channel;
            LegChannel.setOptions(channel);
            EpollFlags.readOnceConnected(channel);
            channel.config().setConnectTimeoutMillis((int) Math.max(1, millis));
            flow.legs.client.channel.eventLoop().register(channel);
            Future<?> usable = codec == null ? null : codec.addToUpstream(channel, endpoint);
            channel.pipeline().addLast(new LegHandler(flow, Leg.UPSTREAM));
            channel.connect(address).addListener(connected -> {
                if (usable == null || !connected.isSuccess()) {
                    ended(channel, address, connected);
                } else {
                    // Auto-read is off until the flow is live, but a handshake has to read.
                    channel.read();
                    usable.addListener(used -> ended(channel, address, used));
                }
            });
            if (upstream == channel && flow.isIn(ConnectingFlow.this) && server.redirected.isLoop(channel, address)) {
                flow.unreachable(endpoint, RedirectedConnections.LOOP);
            }
        }

        private void ended(SocketChannel channel, InetSocketAddress address, Future<?> attempt) {
            guard(() -> connected(channel, address, attempt.cause())).run();
        }

        private void connected(SocketChannel channel, InetSocketAddress address, @Nullable Throwable failure) {
            if (!flow.isIn(ConnectingFlow.this)) {
                channel.close();
            } else if (failure == null) {
                upstream = null;
                if (!failures.isEmpty()) {
                    LOG.log(
                            Level.INFO,
                            "flow " + flow.id + ": upstream " + endpoint + " answered at " + Endpoint.of(address)
                                    + "; tried before: " + reason());
                }
                flow.connected(channel, since);
            } else {
                channel.close();
                failed(failure);
            }
        }

        private void failed(Throwable cause) {
            failures.add(cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage());
            if (left.isEmpty()) {
                flow.unreachable(endpoint, reason());
            } else {
                tryNext();
            }
        }

        private String reason() {
            return String.join("; ", failures);
        }
    }

    /**
     * Closes an upstream channel that is not connected yet, which would otherwise hold its descriptor until the connect
     * timeout. Its failure is ignored, as the flow is in another state by now.
     */
    void cancel() {
        if (upstream != null) {
            upstream.close();
        }
    }

    @Override
    public FlowState at(long now) {
        return FlowState.CONNECTING;
    }
}
