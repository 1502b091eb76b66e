package blackhole.middlebox.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProfilesTest {
    @Test
    void builtInProfilesAreDocumentedAndConsistent() {
        assertThat(Profiles.builtIn().all()).hasSize(18).allSatisfy(profile -> {
            assertThat(profile.description()).isNotBlank();
            assertThat(profile.source()).isNotBlank();
            assertThat(profile.idleTimeouts() == null
                            || profile.idleTimeouts().contains(profile.config().idleTimeout()))
                    .isTrue();
        });
    }

    @ParameterizedTest
    @CsvSource({
        "aws-nlb,         on-expiry reset-client, idle-timeout 350s",
        "azure-lb,        on-expiry drop,         idle-timeout 4m",
        "linux-conntrack, on-expiry drop,         idle-timeout 120h",
        "envoy,           on-expiry close-both,   keepalive-refreshes false",
        "aws-classic-lb,  on-expiry close-both,   keepalive-refreshes false",
        "azure-event-hubs, keepalive-refreshes false, idle-timeout 10m",
        "cloudflare-gateway, keepalive-refreshes false, idle-timeout 270s",
        "oci-lb,          keepalive-refreshes false, idle-timeout 5m",
    })
    void profileHasTheSettingsOfTheRealMiddlebox(String name, String onExpiry, String setting) {
        assertThat(Profiles.builtIn().get(name).config()).asString().contains(onExpiry, setting);
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
    void unknownNameIsAnsweredWithTheList() {
        assertThatThrownBy(() -> Profiles.builtIn().get("something-else"))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("profile: 'something-else' is unknown; available: aws-nat-gateway, ");
    }
}
