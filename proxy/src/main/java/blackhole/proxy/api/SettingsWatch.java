package blackhole.proxy.api;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.proxy.api.SettingsChange.MiddleboxChanged;
import blackhole.proxy.api.SettingsChange.OutageChanged;
import java.time.Instant;
import java.util.function.Consumer;

/** Notices what changed since the last look, whoever changed it: HTTP, or the program that runs the proxy. Thread-safe. */
public final class SettingsWatch {
    private final Middlebox proxy;
    private final Consumer<SettingsChange> changed;
    private MiddleboxConfig middlebox;
    private boolean outage;

    public SettingsWatch(Middlebox proxy, Consumer<SettingsChange> changed) {
        this.proxy = proxy;
        this.changed = changed;
        middlebox = proxy.middlebox();
        outage = proxy.hasOutage();
    }

    public synchronized void look() {
        MiddleboxConfig nowMiddlebox = proxy.middlebox();
        if (!nowMiddlebox.equals(middlebox)) {
            middlebox = nowMiddlebox;
            changed.accept(new MiddleboxChanged(Instant.now(), ConfigView.of(nowMiddlebox)));
        }
        boolean outageNow = proxy.hasOutage();
        if (outageNow != outage) {
            outage = outageNow;
            changed.accept(new OutageChanged(Instant.now(), outageNow));
        }
    }
}
