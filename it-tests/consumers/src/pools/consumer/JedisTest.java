package consumer;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import blackhole.junit.BlackholeExtension;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisConnectionException;

class JedisTest {

    @RegisterExtension
    final BlackholeExtension nat = BlackholeExtension.builder()
            .upstream("127.0.0.1:" + Integer.getInteger("redis.port"))
            .idleTimeout(IdleClient.IDLE_TIMEOUT)
            .build();

    /** Jedis turns keepalive on, without timers, and looks for idle connections every 30 s. */
    @Test
    void hangsByDefault() throws Exception {
        try (RedisClient redis = client(new ConnectionPoolConfig())) {
            IdleClient.assertHangsAfterExpiry(nat, redis::ping);
        }
    }

    @Test
    void failsAfterItsSocketTimeoutByDefault() throws Exception {
        try (RedisClient redis = client(new ConnectionPoolConfig())) {
            assertTrue(IdleClient.answers(redis::ping, IdleClient.LONG));

            nat.awaitExpired(IdleClient.LONG);

            assertThrows(JedisConnectionException.class, redis::ping);
            assertTrue(IdleClient.answers(redis::ping, IdleClient.SHORT), "a new connection");
        }
    }

    @Test
    void evictionOfIdleConnectionsHelps() throws Exception {
        ConnectionPoolConfig pool = new ConnectionPoolConfig();
        pool.setMinEvictableIdleDuration(Duration.ofMillis(500));
        pool.setTimeBetweenEvictionRuns(Duration.ofMillis(300));
        try (RedisClient redis = client(pool)) {
            IdleClient.assertIsReplaced(redis::ping);
        }
    }

    private RedisClient client(ConnectionPoolConfig pool) {
        String[] address = nat.hostAndPort().split(":");
        return RedisClient.builder()
                .hostAndPort(new HostAndPort(address[0], Integer.parseInt(address[1])))
                .poolConfig(pool)
                .build();
    }
}
