package blackhole.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Profile;
import blackhole.middlebox.config.Profiles;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.config.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProfileFileTest {
    @TempDir
    private Path directory;

    @Test
    void fileMaySetEveryField() throws IOException {
        Profile profile = read("""
                        our-firewall:
                          description: the one in the basement
                          source: our wiki
                          idle-timeout: 30m
                          idle-timeout-range: 10s to 2h
                          keepalive-refreshes: false
                          on-expiry: drop
                          direction: client-to-upstream
                          max-lifetime: 8h
                          max-flows: 1000
                          when-full: ignore
                          only-clients: [10.1.0.0/16, "::1"]
                          tombstone-time: 1m
                          max-tombstones: 7
                        """).get("our-firewall");

        assertThat(profile.description()).isEqualTo("the one in the basement");
        assertThat(profile.source()).isEqualTo("our wiki");
        assertThat(profile.idleTimeouts()).isEqualTo(new Profile.Range(Duration.ofSeconds(10), Duration.ofHours(2)));
        assertThat(profile.config())
                .hasToString(
                        "idle-timeout 30m, keepalive-refreshes false, on-expiry drop, direction client-to-upstream,"
                                + " max-lifetime 8h, max-flows 1000, when-full ignore,"
                                + " only-clients 10.1.0.0/16,0:0:0:0:0:0:0:1/128, tombstone-time 1m, max-tombstones 7");
    }

    @Test
    void fileAddsToAndReplacesBuiltInProfiles() throws IOException {
        Profiles profiles = read("{aws-nlb: {idle-timeout: 60s}, mine: {idle-timeout: 1s}}");

        assertThat(profiles.all()).hasSize(Profiles.builtIn().all().size() + 1);
        assertThat(profiles.get("aws-nlb").config())
                .isEqualTo(MiddleboxConfig.DEFAULT.with(Setting.IDLE_TIMEOUT, Duration.ofSeconds(60)));
        assertThat(profiles.get("mine").source()).endsWith("boxes.yaml");
        assertThat(profiles.get("aws-nat-gateway")).isEqualTo(Profiles.builtIn().get("aws-nat-gateway"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "a:@  idle-timeout: 5 | 2 | idle-timeout: '5' has no unit; use 5s, 5ms or 5m",
                "a:@  idle-timeout: 1ms | 2 | idle-timeout: must be between 10ms and 8760h, not 1ms",
                "a:@  idle-timeout: | 2 | idle-timeout: is empty",
                "a:@  idle-timeout: [1s, {b: c}] | 2 | idle-timeout: expected a plain value",
                "a:@@  # why@  idle-timout: 5s | 4 | idle-timout: unknown field; use idle-timeout, ",
                "a: {\"idle(timeout\": 3s} | 1 | idle(timeout: unknown field; use ",
                "a:@  idle-timeout: 5s@  only-clients: 10.0.0.0/33 | 3 | only-clients: '/33' is not between",
                "a:@  idle-timeout: 5s@  idle-timeout: 6s | 3 | idle-timeout: duplicate field",
                "a:@  idle-timeout: 5s@  on-expiry: reset-both@  direction: client-to-upstream | 4 | direction: client-to-upstream requires on-expiry drop",
                "a:@  idle-timeout: 5s@  direction: client-to-upstream@  on-expiry: reset-both | 4 | on-expiry: direction: client-to-upstream requires on-expiry drop",
                "a:@  idle-timeout: 5s@  idle-timeout-range: 6s to 9s | 3 | idle-timeout-range: does not contain the idle timeout, 5s",
                "a:@  idle-timeout: 5s@  idle-timeout-range: 9s to 6s | 3 | idle-timeout-range: 9s is longer",
                "a:@  idle-timeout: 5s@  idle-timeout-range: 6s | 3 | idle-timeout-range: '6s' is not a range",
                "a:@  source: x | 1 | a: idle-timeout is missing",
                "a:@  idle-timeout: 5s@a:@  idle-timeout: 5s | 3 | a: duplicate profile",
                "A b:@  idle-timeout: 5s | 1 | 'A b' is not a valid name; use lower-case letters",
                "? [a]@: {} | 1 | expected a name",
                "a: 5s | 1 | a: expected fields such as idle-timeout: 300s",
                "- a@- b | 1 | expected a mapping of profile names to fields",
                "a:@  b: c@ d: e | 3 | not YAML: ",
                "a:@\tb: c | 2 | not YAML: ",
                "a: {b: c | 1 | not YAML: ",
                "a: *b | 1 | not YAML: found undefined alias b",
                "a: {idle-timeout: 5s}@---@b: {} | 2 | not YAML: ",
            })
    void mistakeIsReportedWithLineAndReason(String text, int line, String reason) throws IOException {
        assertRefused(text.replace('@', '\n').getBytes(StandardCharsets.UTF_8), ":" + line + ": " + reason);
    }

    @ParameterizedTest
    @CsvSource({"'', contains no profiles", "\u00ff\u00fea, not UTF-8 text", "a\0b, not YAML: "})
    void fileWithoutTextIsRefused(String content, String reason) throws IOException {
        assertRefused(content.getBytes(StandardCharsets.ISO_8859_1), ": " + reason);
    }

    private void assertRefused(byte[] content, String problem) throws IOException {
        Path file = Files.write(directory.resolve("boxes.yaml"), content);

        assertThatThrownBy(() -> ProfileFile.read(file))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith(file + problem)
                .message()
                .hasLineCount(1);
    }

    @Test
    void missingFileIsRefused() {
        Path missing = directory.resolve("missing.yaml");

        assertThatThrownBy(() -> ProfileFile.read(missing))
                .isInstanceOf(UsageException.class)
                .hasMessage(missing + ": file not found");
        assertThatThrownBy(() -> ProfileFile.read(directory))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith(directory + ": can't be read: ");
    }

    private Profiles read(String text) throws IOException {
        return Profiles.builtIn().with(ProfileFile.read(Files.writeString(directory.resolve("boxes.yaml"), text)));
    }
}
