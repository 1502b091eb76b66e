package blackhole.proxy.cli;

import blackhole.proxy.BlackholeProxy;
import blackhole.proxy.Durations;
import blackhole.proxy.FlowEvent;
import blackhole.proxy.FlowEvent.FlowClosed;
import blackhole.proxy.FlowEvent.FlowExpired;
import blackhole.proxy.FlowEvent.FlowOpened;
import blackhole.proxy.FlowEvent.SegmentDiscarded;
import blackhole.proxy.FlowEvent.UpstreamUnreachable;
import blackhole.proxy.FlowListener;
import blackhole.proxy.Middlebox;
import blackhole.proxy.OnExpiry;
import blackhole.proxy.Route;
import blackhole.proxy.idle.IdleClock;
import blackhole.proxy.kernel.Kernel;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** Tells a flow's life as a story, an event a line; the same facts as key–value pairs for the JSON format. */
final class EventLog implements FlowListener {
    private static final Logger LOG = LoggerFactory.getLogger("blackhole.proxy");

    void started(BlackholeProxy proxy, List<Route> routes) {
        Middlebox box = proxy.middlebox();
        for (int i = 0; i < routes.size(); i++) {
            String address = text(proxy.addresses().get(i));
            String upstream = routes.get(i).upstream().toString();
            LOG.atInfo()
                    .addKeyValue("event", "listening")
                    .addKeyValue("listen", address)
                    .addKeyValue("upstream", upstream)
                    .log("listening on {}, relaying to {}", address, upstream);
        }
        LOG.atInfo()
                .addKeyValue("event", "started")
                .addKeyValue("idleTimeout", Durations.format(box.idleTimeout()))
                .addKeyValue("onExpiry", box.onExpiry())
                .log(
                        "flows idle for {} are forgotten, checked every {}",
                        Durations.format(box.idleTimeout()),
                        Durations.seconds(IdleClock.tickFor(box.idleTimeout())));
        if (box.onExpiry() == OnExpiry.STALL) {
            LOG.warn("on-expiry is stall: the proxy only stops reading, and its kernel goes on acknowledging data and"
                    + " keepalive probes; no retransmission, keepalive failure or TCP_USER_TIMEOUT will be seen");
        } else if (!Kernel.canCloseSilently()) {
            LOG.info(
                    "no CAP_NET_ADMIN: when a forgotten flow's sockets are closed, after {} or at the end of this process,"
                            + " its peers may be sent a FIN or RST",
                    Durations.format(box.tombstoneTime()));
        }
    }

    void stopping() {
        LOG.info("stopping: closing live flows");
    }

    void stopped() {
        LOG.info("stopped");
    }

    @Override
    public void onEvent(FlowEvent event) {
        LoggingEventBuilder line = LOG.atInfo()
                .addKeyValue("event", event.getClass().getSimpleName())
                .addKeyValue("flow", event.flowId());
        if (event instanceof FlowOpened opened) {
            log(line, opened);
        } else if (event instanceof UpstreamUnreachable unreachable) {
            log(line, unreachable);
        } else if (event instanceof FlowExpired expired) {
            log(line, expired);
        } else if (event instanceof SegmentDiscarded discarded) {
            log(line, discarded);
        } else if (event instanceof FlowClosed closed) {
            log(line, closed);
        }
    }

    private static void log(LoggingEventBuilder line, FlowOpened event) {
        line.addKeyValue("client", text(event.client()))
                .addKeyValue("listen", text(event.listen()))
                .addKeyValue("upstream", text(event.upstream()))
                .log(
                        "flow {} opened: {} -> {} -> {}",
                        event.flowId(),
                        text(event.client()),
                        text(event.listen()),
                        text(event.upstream()));
    }

    private static void log(LoggingEventBuilder line, UpstreamUnreachable event) {
        line.addKeyValue("client", text(event.client()))
                .addKeyValue("upstream", event.upstream())
                .addKeyValue("reason", event.reason())
                .log(
                        "flow {} from {} reset: upstream {} is unreachable: {}",
                        event.flowId(),
                        text(event.client()),
                        event.upstream(),
                        event.reason());
    }

    private static void log(LoggingEventBuilder line, FlowExpired event) {
        line.addKeyValue("idle", event.idle())
                .addKeyValue("onExpiry", event.onExpiry())
                .log(
                        "flow {} expired after {} idle: {}",
                        event.flowId(),
                        Durations.seconds(event.idle()),
                        switch (event.onExpiry()) {
                            case DROP -> "both legs are silent from now on";
                            case STALL -> "no longer read from; the kernel goes on acknowledging";
                        });
    }

    private static void log(LoggingEventBuilder line, SegmentDiscarded event) {
        line.addKeyValue("leg", event.leg())
                .addKeyValue("number", event.number())
                .addKeyValue("sinceExpiry", event.sinceExpiry());
        String when = event.gap() == null
                ? Durations.seconds(event.sinceExpiry()) + " after expiry"
                : "+" + Durations.seconds(event.gap());
        if (event.gap() != null) {
            line.addKeyValue("gap", event.gap());
        }
        line.log("flow {} segment discarded #{} from {}, {}", event.flowId(), event.number(), event.leg(), when);
    }

    private static void log(LoggingEventBuilder line, FlowClosed event) {
        line.addKeyValue("by", event.by())
                .addKeyValue("how", event.how())
                .addKeyValue("age", event.age())
                .addKeyValue("bytesFromClient", event.bytesFromClient())
                .addKeyValue("bytesFromUpstream", event.bytesFromUpstream())
                .log(
                        "flow {} {} after {}: {} bytes from the client, {} from the upstream",
                        event.flowId(),
                        how(event),
                        Durations.seconds(event.age()),
                        event.bytesFromClient(),
                        event.bytesFromUpstream());
    }

    private static String how(FlowClosed event) {
        String by = event.by().name().toLowerCase(Locale.ROOT);
        return switch (event.how()) {
            case FINISHED -> "closed by " + by;
            case RESET -> "reset by " + by;
            case SHUTDOWN -> "closed as the proxy stops";
            case TOMBSTONE_TIME -> "removed, its tombstone time is over,";
            case TOO_MANY_TOMBSTONES -> "removed, there are too many tombstones,";
        };
    }

    private static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
