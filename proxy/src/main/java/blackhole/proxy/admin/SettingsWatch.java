package blackhole.proxy.admin;

import blackhole.proxy.BlackholeProxy;
import blackhole.proxy.Middlebox;
import blackhole.proxy.admin.SettingsChange.DarkChanged;
import blackhole.proxy.admin.SettingsChange.MiddleboxChanged;
import java.time.Instant;
import java.util.function.Consumer;

/** Notices what changed since the last look, whoever changed it: HTTP, or the program that runs the proxy. Thread-safe. */
final class SettingsWatch {
    private final BlackholeProxy proxy;
    private final Consumer<SettingsChange> changed;
    private Middlebox middlebox;
    private boolean dark;

    SettingsWatch(BlackholeProxy proxy, Consumer<SettingsChange> changed) {
        this.proxy = proxy;
        this.changed = changed;
        middlebox = proxy.middlebox();
        dark = proxy.isDark();
    }

    synchronized void look() {
        Middlebox nowMiddlebox = proxy.middlebox();
        if (!nowMiddlebox.equals(middlebox)) {
            middlebox = nowMiddlebox;
            changed.accept(new MiddleboxChanged(Instant.now(), MiddleboxView.of(nowMiddlebox)));
        }
        boolean nowDark = proxy.isDark();
        if (nowDark != dark) {
            dark = nowDark;
            changed.accept(new DarkChanged(Instant.now(), nowDark));
        }
    }
}
