package blackhole.junit;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.MiddleboxConfigBuilder;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.Profiles;
import blackhole.middlebox.config.UsageException;
import java.time.Duration;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Collects the settings of a {@link BlackholeExtension}. Not thread-safe. */
public final class BlackholeExtensionBuilder {
    private @Nullable Supplier<String> upstream;
    private String listen = "127.0.0.1:0";
    private MiddleboxConfig config = MiddleboxConfig.DEFAULT;

    BlackholeExtensionBuilder() {}

    /** Sets the server behind the middlebox, as {@code HOST:PORT}; {@code none} for no server. */
    public BlackholeExtensionBuilder upstream(String hostAndPort) {
        return upstream(() -> hostAndPort);
    }

    /** Sets the server behind the middlebox, resolved when the middlebox starts. */
    public BlackholeExtensionBuilder upstream(Supplier<String> hostAndPort) {
        upstream = hostAndPort;
        return this;
    }

    /** Sets the same in two parts: {@code .upstream(container::getHost, () -> container.getMappedPort(9092))}. */
    public BlackholeExtensionBuilder upstream(Supplier<String> host, IntSupplier port) {
        return upstream(() -> new Endpoint(host.get(), port.getAsInt()).toString());
    }

    /** Sets where the middlebox listens, as {@code [HOST:]PORT}, for a server that has to advertise this address. */
    public BlackholeExtensionBuilder listen(String hostAndPort) {
        listen = hostAndPort;
        return this;
    }

    /** Replaces all settings of the middlebox. */
    public BlackholeExtensionBuilder middlebox(MiddleboxConfig settings) {
        config = settings;
        return this;
    }

    /** Changes settings of the middlebox: {@code .middlebox(box -> box.maxFlows(10))}. */
    public BlackholeExtensionBuilder middlebox(UnaryOperator<MiddleboxConfigBuilder> changes) {
        return middlebox(config.with(changes));
    }

    /**
     * Replaces all settings of the middlebox by those of a built-in profile.
     *
     * @throws UsageException if there is no such profile; the message lists the available ones
     */
    public BlackholeExtensionBuilder profile(String name) {
        return middlebox(Profiles.builtIn().get(name).middlebox());
    }

    /** Sets {@link MiddleboxConfig#idleTimeout()}. */
    public BlackholeExtensionBuilder idleTimeout(Duration timeout) {
        return middlebox(box -> box.idleTimeout(timeout));
    }

    /** Sets {@link MiddleboxConfig#onExpiry()}. */
    public BlackholeExtensionBuilder onExpiry(OnExpiry behaviour) {
        return middlebox(box -> box.onExpiry(behaviour));
    }

    /**
     * Returns the extension; JUnit starts its middlebox.
     *
     * @throws IllegalStateException if the upstream is missing
     */
    public BlackholeExtension build() {
        if (upstream == null) {
            throw new IllegalStateException("upstream is missing; add .upstream(\"HOST:PORT\")");
        }
        return new BlackholeExtension(new TestMiddlebox(upstream, listen, config));
    }
}
