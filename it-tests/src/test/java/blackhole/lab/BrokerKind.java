package blackhole.lab;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The brokers that the suite is run on. */
enum BrokerKind {
    EMBEDDED,
    REDPANDA;

    private static final Logger LOG = LoggerFactory.getLogger(BrokerKind.class);

    /** A broker to start, as {@link Lab.Builder#broker} wants it. */
    KafkaBroker reserve(int proxiedListeners) {
        return this == REDPANDA
                ? RedpandaKafka.reserve(proxiedListeners)
                : EmbeddedKafka.builder().proxiedListeners(proxiedListeners).reserve();
    }

    /** Skips the running test where this machine can't run the broker, and says why in report and log. */
    void orSkip() {
        Optional<String> reason = this == REDPANDA ? Docker.reasonItIsMissing(RedpandaKafka.IMAGE) : Optional.empty();
        reason.ifPresent(why -> LOG.warn("skipped on {}: {}", this, why));
        assumeTrue(reason.isEmpty(), () -> this + ": " + reason.orElseThrow());
    }
}
