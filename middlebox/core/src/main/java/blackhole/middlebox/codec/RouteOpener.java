package blackhole.middlebox.codec;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.UsageException;
import java.net.InetSocketAddress;

/** Opens routes while the middlebox runs. Thread-safe. */
public interface RouteOpener {
    /**
     * Listens on an address. Event loops may call this: it does not wait for other threads.
     *
     * @param listen port 0 means any free one
     * @return the address it listens on
     * @throws UsageException if it can't
     */
    InetSocketAddress open(Endpoint listen, RouteCodec codec);
}
