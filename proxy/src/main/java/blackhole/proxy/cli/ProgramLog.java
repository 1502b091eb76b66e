package blackhole.proxy.cli;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Durations;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.config.Route;
import blackhole.middlebox.config.Upstream;
import blackhole.middlebox.flow.EventText;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** Logs startup and shutdown. */
final class ProgramLog {
    private static final Logger LOG = LoggerFactory.getLogger("blackhole.proxy");

    void started(Middlebox proxy) {
        for (int i = 0; i < proxy.routes().size(); i++) {
            listening(proxy.routes().get(i), proxy.addresses().get(i));
        }
        MiddleboxConfig box = proxy.config();
        event("Started")
                .addKeyValue("middlebox", box)
                .log(
                        "flows idle for {} expire, checked every {}",
                        Durations.format(box.idleTimeout()),
                        Durations.seconds(proxy.tick()));
        if (box.onExpiry() == OnExpiry.STALL) {
            LOG.warn("on-expiry is stall: the proxy only stops reading while its kernel keeps acknowledging data and"
                    + " keepalive probes; expect no retransmission, keepalive failure or TCP_USER_TIMEOUT");
        } else if (!Middlebox.canCloseSilently()) {
            LOG.info(
                    "no CAP_NET_ADMIN: peers of an expired flow may get a FIN or RST when its sockets are closed, after {}"
                            + " or when this process ends",
                    Durations.format(box.tombstoneTime()));
        }
    }

    private static void listening(Route route, InetSocketAddress address) {
        String listen = EventText.of(address);
        Upstream upstream = route.upstream();
        String text = upstream instanceof Upstream.None
                ? "listening on {}, with no upstream"
                : route.isTransparent()
                        ? "listening on {} for redirected connections, relaying each to its original destination"
                        : "listening on {}, relaying to {}";
        event("Listening")
                .addKeyValue("listen", listen)
                .addKeyValue("upstream", upstream)
                .log(text, listen, upstream);
    }

    void admin(Endpoint admin) {
        event("Admin").addKeyValue("admin", admin).log("live page and API at http://{}/", admin);
    }

    void recording(Path file) {
        event("Recording").addKeyValue("file", file).log("recording to {}; replay it with: replay {}", file, file);
    }

    void replaying(Path file, Endpoint admin) {
        LoggingEventBuilder event = event("Replaying").addKeyValue("file", file).addKeyValue("admin", admin);
        event.log("replaying {} at http://{}/", file, admin);
    }

    private static LoggingEventBuilder event(String name) {
        return LOG.atInfo().addKeyValue("event", name);
    }

    void stopping() {
        LOG.info("stopping: closing live flows");
    }

    void stopped() {
        LOG.info("stopped");
    }
}
