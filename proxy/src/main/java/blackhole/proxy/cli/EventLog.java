package blackhole.proxy.cli;

import blackhole.proxy.BlackholeProxy;
import blackhole.proxy.Durations;
import blackhole.proxy.Endpoint;
import blackhole.proxy.FlowEvent;
import blackhole.proxy.FlowListener;
import blackhole.proxy.Middlebox;
import blackhole.proxy.OnExpiry;
import blackhole.proxy.Route;
import blackhole.proxy.idle.IdleClock;
import blackhole.proxy.kernel.Kernel;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** Tells a flow's life as a story, an event a line; the same facts as key–value pairs for the JSON format. */
final class EventLog implements FlowListener {
    private static final Logger LOG = LoggerFactory.getLogger("blackhole.proxy");

    /** Asking a class for them makes them anew each time, which was 8 % of what a connection costs. */
    private static final ClassValue<RecordComponent[]> COMPONENTS = new ClassValue<>() {
        @Override
        protected RecordComponent[] computeValue(Class<?> type) {
            return type.getRecordComponents();
        }
    };

    private final boolean withFields;

    /** @param withFields whether the format shows a line's key–value pairs */
    EventLog(boolean withFields) {
        this.withFields = withFields;
    }

    void started(BlackholeProxy proxy) {
        for (int i = 0; i < proxy.routes().size(); i++) {
            listening(proxy.routes().get(i), proxy.addresses().get(i));
        }
        Middlebox box = proxy.middlebox();
        LOG.atInfo()
                .addKeyValue("event", "Started")
                .addKeyValue("middlebox", box)
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

    private static void listening(Route route, InetSocketAddress address) {
        String listen = EventText.of(address);
        LOG.atInfo()
                .addKeyValue("event", "Listening")
                .addKeyValue("listen", listen)
                .addKeyValue("upstream", route.upstream())
                .log(
                        route.upstream() == null
                                ? "listening on {}, with no upstream"
                                : "listening on {}, relaying to {}",
                        listen,
                        route.upstream());
    }

    void controlled(Endpoint admin) {
        LOG.atInfo()
                .addKeyValue("event", "Controlled")
                .addKeyValue("admin", admin)
                .log("controlled at http://{}/", admin);
    }

    void recording(Path file) {
        LOG.atInfo()
                .addKeyValue("event", "Recording")
                .addKeyValue("file", file)
                .log("recording to {}; to be seen again with: replay {}", file, file);
    }

    void replaying(Path file, Endpoint admin) {
        LOG.atInfo()
                .addKeyValue("event", "Replaying")
                .addKeyValue("file", file)
                .addKeyValue("admin", admin)
                .log("{} is shown at http://{}/", file, admin);
    }

    void stopping() {
        LOG.info("stopping: closing live flows");
    }

    void stopped() {
        LOG.info("stopped");
    }

    @Override
    public void onEvent(FlowEvent event) {
        if (!withFields) {
            LOG.info(EventText.of(event));
            return;
        }
        LoggingEventBuilder line =
                LOG.atInfo().addKeyValue("event", event.getClass().getSimpleName());
        for (RecordComponent component : COMPONENTS.get(event.getClass())) {
            Object value = value(event, component);
            if (value != null) {
                line.addKeyValue(component.getName(), value);
            }
        }
        line.log(EventText.of(event));
    }

    private static @Nullable Object value(FlowEvent event, RecordComponent component) {
        try {
            Object value = component.getAccessor().invoke(event);
            return value instanceof InetSocketAddress address ? EventText.of(address) : value;
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(e);
        }
    }
}
