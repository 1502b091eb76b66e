package blackhole.proxy.api;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.MiddleboxConfig;
import java.time.Instant;
import java.util.function.Consumer;

/** Publishes changes of the settings, whether they were made over HTTP or in the program. Thread-safe. */
public final class SettingsWatch {
    private final Middlebox proxy;
    private final Consumer<Change> listener;
    private MiddleboxConfig middlebox;
    private boolean outage;

    /** An event of the stream that is not about a flow. */
    public sealed interface Change {}

    /** The settings changed; these are all of them. */
    public record MiddleboxChanged(Instant at, ConfigView middlebox) implements Change {}

    /** An outage started or ended. */
    public record OutageChanged(Instant at, boolean on) implements Change {}

    public SettingsWatch(Middlebox proxy, Consumer<Change> listener) {
        this.proxy = proxy;
        this.listener = listener;
        middlebox = proxy.config();
        outage = proxy.hasOutage();
    }

    /** Publishes what has changed since the last check. */
    public synchronized void check() {
        MiddleboxConfig newMiddlebox = proxy.config();
        if (!newMiddlebox.equals(middlebox)) {
            middlebox = newMiddlebox;
            listener.accept(new MiddleboxChanged(Instant.now(), ConfigView.of(newMiddlebox)));
        }
        boolean newOutage = proxy.hasOutage();
        if (newOutage != outage) {
            outage = newOutage;
            listener.accept(new OutageChanged(Instant.now(), newOutage));
        }
    }
}
