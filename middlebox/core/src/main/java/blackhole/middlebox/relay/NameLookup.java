package blackhole.middlebox.relay;

import blackhole.middlebox.config.Durations;
import blackhole.middlebox.config.Endpoint;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Looks names up off the event loop, as the JDK's resolver blocks. Thread-safe. */
final class NameLookup {
    private final Executor blocking;

    NameLookup(Executor blocking) {
        this.blocking = blocking;
    }

    /**
     * Completes with the addresses in the resolver's order, at once with a literal one, or with {@link UnknownHostException}, also after {@code
     * timeout}.
     */
    CompletableFuture<List<InetSocketAddress>> resolve(Endpoint endpoint, Duration timeout) {
        InetAddress literal = NetUtil.createInetAddressFromIpAddressString(endpoint.host());
        if (literal != null) {
            return CompletableFuture.completedFuture(List.of(new InetSocketAddress(literal, endpoint.port())));
        }
        return CompletableFuture.supplyAsync(() -> lookUp(endpoint), blocking)
                .orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS)
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                        failure instanceof TimeoutException
                                ? new UnknownHostException(
                                        endpoint.host() + " was not resolved within " + Durations.format(timeout))
                                : failure));
    }

    private static List<InetSocketAddress> lookUp(Endpoint endpoint) {
        try {
            return Arrays.stream(InetAddress.getAllByName(endpoint.host()))
                    .map(address -> new InetSocketAddress(address, endpoint.port()))
                    .toList();
        } catch (UnknownHostException e) {
            throw new CompletionException(e);
        }
    }
}
