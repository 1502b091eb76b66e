package blackhole.middlebox.relay;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.config.Endpoint;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class NameLookupTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    /** As if the resolver never answered. */
    private final NameLookup hanging = new NameLookup(lookup -> {});

    @Test
    void lookupThatHangsFailsAtTheConnectTimeout() {
        assertThat(hanging.resolve(new Endpoint("broker.example", 9092), Duration.ofMillis(20)))
                .failsWithin(LONG)
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .isInstanceOf(UnknownHostException.class)
                .withMessage("broker.example was not resolved within 20ms");
    }

    @Test
    void literalAddressNeedsNoLookup() {
        assertThat(hanging.resolve(new Endpoint("127.0.0.1", 9092), LONG))
                .isCompletedWithValue(List.of(new InetSocketAddress("127.0.0.1", 9092)));
    }
}
