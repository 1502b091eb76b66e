package blackhole.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.config.Endpoint;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessRulesTest {
    private static AccessRules rules(String host, String address, @Nullable String token) throws UnknownHostException {
        return new AccessRules(new Endpoint(host, 80), InetAddress.getByName(address), token);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"localhost", "Localhost:1", "127.0.0.1", "127.9.9.9:65535", "[::1]", "[::1]:1", "proxy:8080"})
    void ownHosts(String host) throws UnknownHostException {
        assertThat(rules("proxy", "127.0.0.1", null).isOwnHost(host)).isTrue();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "evil.example",
                "localhost.",
                "127.0.0.1.evil.example",
                "10.0.0.1",
                "[::2]",
                "::1",
                "localhost:123456",
                "localhost:x",
                "user@localhost",
                "local host",
                "[localhost]"
            })
    void foreignHosts(@Nullable String host) throws UnknownHostException {
        assertThat(rules("127.0.0.1", "127.0.0.1", null).isOwnHost(host)).isFalse();
    }

    @Test
    void boundToAllAddressesEveryLiteralIsOwnAndNoForeignName() throws UnknownHostException {
        AccessRules everywhere = rules("0.0.0.0", "0.0.0.0", "t");

        assertThat(everywhere.isOwnHost("192.0.2.7:80")).isTrue();
        assertThat(everywhere.isOwnHost("evil.example")).isFalse();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "Bearer",
                "Bearer ",
                "Bearer wrong",
                "Bearer tokens",
                "Basic token",
                "token",
                "Bearer token x"
            })
    void wrongTokens(@Nullable String authorization) throws UnknownHostException {
        assertThat(rules("127.0.0.1", "127.0.0.1", "token").isAuthorized(authorization))
                .isFalse();
    }
}
