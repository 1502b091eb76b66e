package consumer;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import blackhole.junit.BlackholeExtension;
import blackhole.middlebox.flow.FlowEvent.FlowExpired;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class PooledConnectionTest {
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(3);
    /** HikariCP's shortest keepaliveTime is 30 s. */
    private static final Duration PATIENT_IDLE_TIMEOUT = Duration.ofSeconds(35);
    /** By default HikariCP replaces a connection that has been hanging for 5 s. */
    private static final Duration SHORT = Duration.ofSeconds(3);
    private static final Duration LONG = Duration.ofSeconds(20);

    @RegisterExtension
    final BlackholeExtension nat = nat(IDLE_TIMEOUT);

    @RegisterExtension
    final BlackholeExtension patientNat = nat(PATIENT_IDLE_TIMEOUT);

    @Test
    void hangsAfterTheIdleTimeout() throws Exception {
        try (HikariDataSource pool = pool("tcpKeepAlive=false")) {
            assertTrue(answers(pool, LONG));

            nat.awaitExpired(LONG);

            assertFalse(answers(pool, SHORT));
            nat.awaitDiscarded(1, LONG);
        }
    }

    @Test
    void tcpKeepAliveAloneDoesNotHelp() throws Exception {
        try (HikariDataSource pool = pool("tcpKeepAlive=true")) {
            assertTrue(answers(pool, LONG));

            nat.awaitExpired(LONG);

            assertFalse(answers(pool, SHORT));
        }
    }

    @Test
    void tcpKeepAliveWithTimersKeepsItAlive() throws Exception {
        try (HikariDataSource pool =
                pool("tcpKeepAlive=true&socketFactory=" + KeepaliveSocketFactory.class.getName())) {
            assertTrue(answers(pool, LONG));

            idleFor(IDLE_TIMEOUT.multipliedBy(3));

            assertTrue(answers(pool, SHORT));
            assertNothingExpired(nat);
        }
    }

    @Test
    void keepaliveTimeKeepsItAlive() throws Exception {
        HikariConfig config = config(patientNat, "tcpKeepAlive=false");
        config.setKeepaliveTime(30_000);
        try (HikariDataSource pool = new HikariDataSource(config)) {
            assertTrue(answers(pool, LONG));

            idleFor(PATIENT_IDLE_TIMEOUT.plusSeconds(10));

            assertTrue(answers(pool, SHORT));
            assertNothingExpired(patientNat);
        }
    }

    /** Must fail: it expects what is true only without a middlebox. */
    @Test
    void mustFail() throws Exception {
        try (HikariDataSource pool = pool("tcpKeepAlive=true")) {
            assertTrue(answers(pool, LONG));

            idleFor(IDLE_TIMEOUT.multipliedBy(3));

            assertTrue(answers(pool, SHORT), "the idle connection hung");
        }
    }

    private static BlackholeExtension nat(Duration idleTimeout) {
        return BlackholeExtension.builder()
                .upstream("127.0.0.1:" + Integer.getInteger("postgres.port"))
                .idleTimeout(idleTimeout)
                .build();
    }

    private HikariDataSource pool(String options) {
        return new HikariDataSource(config(nat, options));
    }

    private static HikariConfig config(BlackholeExtension nat, String options) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://" + nat.hostAndPort() + "/postgres?" + options);
        config.setUsername("postgres");
        config.setMaximumPoolSize(1);
        return config;
    }

    /** Runs a query; returns false if it takes longer than {@code timeout}. */
    private static boolean answers(HikariDataSource pool, Duration timeout) throws Exception {
        try {
            return CompletableFuture.supplyAsync(() -> query(pool), task -> new Thread(task).start())
                    .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return false;
        }
    }

    private static boolean query(HikariDataSource pool) {
        try (Connection connection = pool.getConnection()) {
            return connection.createStatement().execute("select 1");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void idleFor(Duration time) throws InterruptedException {
        Thread.sleep(time.toMillis());
    }

    private static void assertNothingExpired(BlackholeExtension nat) {
        assertTrue(nat.events().stream().noneMatch(FlowExpired.class::isInstance), nat::report);
    }
}
