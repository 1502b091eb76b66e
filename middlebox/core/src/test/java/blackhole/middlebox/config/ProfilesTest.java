package blackhole.middlebox.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProfilesTest {
    @ParameterizedTest
    @CsvSource({
        "aws-nat-gateway,      350,    RESET_SENDER, true,  ",
        "aws-nlb,              350,    RESET_CLIENT, true,  1m to 100m",
        "aws-network-firewall, 350,    DROP,         true,  1m to 100m",
        "azure-lb,             240,    DROP,         true,  4m to 100m",
        "azure-lb-tcp-reset,   240,    RESET_BOTH,   true,  4m to 100m",
        "azure-nat-gateway,    240,    RESET_SENDER, true,  4m to 2h",
        "gcp-vpc,              600,    DROP,         true,  ",
        "cisco-asa,            3600,   DROP,         true,  ",
        "fortigate,            3600,   DROP,         true,  ",
        "checkpoint,           3600,   DROP,         true,  ",
        "ipvs,                 900,    DROP,         true,  ",
        "linux-conntrack,      432000, DROP,         true,  ",
        "envoy,                3600,   CLOSE_BOTH,   false, ",
        "confluent-cloud-2025, 300,    DROP,         true,  ",
    })
    void builtInProfileIsWhatTheBoxDoes(
            String name, long seconds, OnExpiry onExpiry, boolean keepaliveRefreshes, String range) {
        Profile profile = Profiles.builtIn().get(name);

        assertThat(profile.config().idleTimeout()).isEqualTo(Duration.ofSeconds(seconds));
        assertThat(profile.config().onExpiry()).isEqualTo(onExpiry);
        assertThat(profile.config().keepaliveRefreshes()).isEqualTo(keepaliveRefreshes);
        assertThat(String.valueOf(profile.idleTimeouts())).isEqualTo(String.valueOf(range));
        assertThat(profile.source()).isNotBlank();
        assertThat(profile.description()).isNotBlank();
    }

    @Test
    void thereAreFourteen() {
        assertThat(Profiles.builtIn().all()).hasSize(14);
    }

    @ParameterizedTest
    @CsvSource({"aws-nbl, aws-nlb", "azure, azure-lb", "conntrack, linux-conntrack", "Envoy, envoy"})
    void misspeltNameIsAnsweredWithTheNearest(String name, String nearest) {
        assertThatThrownBy(() -> Profiles.builtIn().get(name))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("profile: '" + name + "' is unknown; did you mean " + nearest + "?")
                .hasMessageContaining("fortigate, checkpoint");
    }

    @Test
    void nameUnlikeAnyIsAnsweredWithTheList() {
        assertThatThrownBy(() -> Profiles.builtIn().get("something-else"))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("profile: 'something-else' is unknown; available: aws-nat-gateway, ");
    }
}
