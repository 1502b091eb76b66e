package blackhole.proxy.api;

import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Setting;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs who changed what through the API, one line for each change. */
final class ChangeLog {
    private static final Logger LOG = LoggerFactory.getLogger("blackhole.proxy");

    private ChangeLog() {}

    static void settings(MiddleboxConfig from, MiddleboxConfig to, String client) {
        Setting.ALL.forEach(setting -> setting(setting, from, to, client));
    }

    private static <T> void setting(Setting<T> setting, MiddleboxConfig from, MiddleboxConfig to, String client) {
        if (Objects.equals(from.get(setting), to.get(setting))) {
            return;
        }
        LOG.atInfo()
                .addKeyValue("event", "SettingChanged")
                .addKeyValue("setting", setting.name())
                .log(
                        "{} changed from {} to {} by {}",
                        setting.name().replace('-', ' '),
                        from.text(setting),
                        to.text(setting),
                        client);
    }

    static void outage(boolean on, String client) {
        LOG.atInfo().addKeyValue("event", "OutageChanged").log("outage {} by {}", on ? "started" : "ended", client);
    }
}
