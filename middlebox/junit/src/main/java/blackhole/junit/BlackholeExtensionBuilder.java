package blackhole.junit;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.Profiles;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.config.UsageException;
import java.time.Duration;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Collects the settings of a {@link BlackholeExtension}. Not thread-safe. */
public final class BlackholeExtensionBuilder {
    private @Nullable Supplier<String> upstream;
    private boolean kafka;
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
        kafka = false;
        return this;
    }

    /** Sets the same in two parts: {@code .upstream(container::getHost, () -> container.getMappedPort(9092))}. */
    public BlackholeExtensionBuilder upstream(Supplier<String> host, IntSupplier port) {
        return upstream(() -> new Endpoint(host.get(), port.getAsInt()).toString());
    }

    /**
     * Sets a Kafka cluster behind the middlebox, by a bootstrap server as {@code HOST:PORT}. The brokers need no change: the
     * middlebox replaces the addresses that they advertise, so clients reach all of them through it. Clients connect in
     * plaintext.
     */
    public BlackholeExtensionBuilder kafka(String bootstrapServer) {
        return kafka(() -> bootstrapServer);
    }

    /**
     * Sets a Kafka cluster behind the middlebox; the bootstrap server is asked for when the middlebox starts. Of several
     * servers the first is used, without a protocol such as {@code PLAINTEXT://}: {@code .kafka(container::getBootstrapServers)}.
     */
    public BlackholeExtensionBuilder kafka(Supplier<String> bootstrapServers) {
        upstream = () -> bootstrapServers.get().replaceFirst("^\\w+://", "").replaceFirst(",.*", "");
        kafka = true;
        return this;
    }

    /** Sets where the middlebox listens, as {@code [HOST:]PORT}, for a server that has to advertise this address. */
    public BlackholeExtensionBuilder listen(String hostAndPort) {
        listen = hostAndPort;
        return this;
    }

    /** Replaces all settings of the middlebox. */
    public BlackholeExtensionBuilder config(MiddleboxConfig settings) {
        config = settings;
        return this;
    }

    /**
     * Changes one setting of the middlebox: {@code .with(Setting.MAX_FLOWS, 10)}.
     *
     * @throws UsageException if the value is out of range or contradicts another setting
     */
    public <T extends @Nullable Object> BlackholeExtensionBuilder with(Setting<T> setting, T value) {
        return config(config.with(setting, value));
    }

    /**
     * Replaces all settings of the middlebox by those of a built-in profile.
     *
     * @throws UsageException if there is no such profile; the message lists the available ones
     */
    public BlackholeExtensionBuilder profile(String name) {
        return config(Profiles.builtIn().get(name).config());
    }

    /** Sets {@link Setting#IDLE_TIMEOUT}. */
    public BlackholeExtensionBuilder idleTimeout(Duration timeout) {
        return with(Setting.IDLE_TIMEOUT, timeout);
    }

    /** Sets {@link Setting#ON_EXPIRY}. */
    public BlackholeExtensionBuilder onExpiry(OnExpiry behaviour) {
        return with(Setting.ON_EXPIRY, behaviour);
    }

    /**
     * Returns the extension; JUnit starts its middlebox.
     *
     * @throws IllegalStateException if the upstream is missing
     */
    public BlackholeExtension build() {
        if (upstream == null) {
            throw new IllegalStateException(
                    "upstream is missing; add .upstream(\"HOST:PORT\") or .kafka(\"HOST:PORT\")");
        }
        return new BlackholeExtension(new TestMiddlebox(upstream, kafka, listen, config));
    }
}
