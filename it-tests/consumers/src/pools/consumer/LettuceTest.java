package consumer;

import blackhole.junit.BlackholeExtension;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SocketOptions.KeepAliveOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class LettuceTest {

    @RegisterExtension
    final BlackholeExtension nat = BlackholeExtension.builder()
            .upstream("127.0.0.1:" + Integer.getInteger("redis.port"))
            .idleTimeout(IdleClient.IDLE_TIMEOUT)
            .build();

    /** Lettuce turns keepalive on, without timers. */
    @Test
    void hangsByDefault() throws Exception {
        try (RedisClient client = RedisClient.create("redis://" + nat.hostAndPort());
                StatefulRedisConnection<String, String> connection = client.connect()) {
            IdleClient.assertHangsAfterExpiry(nat, () -> connection.sync().ping());
        }
    }

    @Test
    void keepaliveWithTimersHelps() throws Exception {
        KeepAliveOptions keepalive = KeepAliveOptions.builder()
                .enable()
                .idle(Duration.ofSeconds(1))
                .interval(Duration.ofSeconds(1))
                .count(3)
                .build();
        try (RedisClient client = RedisClient.create("redis://" + nat.hostAndPort())) {
            client.setOptions(ClientOptions.builder()
                    .socketOptions(SocketOptions.builder().keepAlive(keepalive).build())
                    .build());
            try (StatefulRedisConnection<String, String> connection = client.connect()) {
                IdleClient.assertIsKeptAlive(
                        nat, IdleClient.IDLE_TIMEOUT, () -> connection.sync().ping());
            }
        }
    }
}
