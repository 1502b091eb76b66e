package blackhole.lab;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The brokers that the suite is run on. */
enum BrokerKind {
    EMBEDDED {
        @Override
        KafkaBroker reserve(int proxiedListeners) {
            return EmbeddedKafka.builder().proxiedListeners(proxiedListeners).reserve();
        }
    },

    REDPANDA {
        @Override
        KafkaBroker reserve(int proxiedListeners) {
            return RedpandaKafka.reserve(proxiedListeners);
        }

        @Override
        Optional<String> reasonItIsMissing() {
            return Docker.reasonItIsMissing(RedpandaKafka.IMAGE);
        }
    };

    private static final Logger LOG = LoggerFactory.getLogger(BrokerKind.class);

    /** A broker to start, as {@link Lab.Builder#broker} wants it. */
    abstract KafkaBroker reserve(int proxiedListeners);

    /** Why this machine can't run it; empty when it can. */
    Optional<String> reasonItIsMissing() {
        return Optional.empty();
    }

    /** Skips the running test where this machine can't run the broker, and says why in report and log. */
    void orSkip() {
        reasonItIsMissing().ifPresent(reason -> {
            LOG.warn("skipped on {}: {}", this, reason);
            assumeTrue(false, this + ": " + reason);
        });
    }
}
