package blackhole.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Profile;
import blackhole.middlebox.config.Profiles;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.config.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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

        assertThat(profiles.all()).hasSize(15);
        assertThat(profiles.get("aws-nlb").config())
                .isEqualTo(MiddleboxConfig.DEFAULT.with(Setting.IDLE_TIMEOUT, Duration.ofSeconds(60)));
        assertThat(profiles.get("mine").source()).endsWith("boxes.yaml");
        assertThat(profiles.get("aws-nat-gateway")).isEqualTo(Profiles.builtIn().get("aws-nat-gateway"));
    }

    static List<Arguments> mistakes() {
        return List.of(
                mistake("a:\n  idle-timeout: 5", 2, "idle-timeout: '5' has no unit; use 5s, 5ms or 5m"),
                mistake("a:\n  idle-timeout: 1ms", 2, "idle-timeout: must be between 10ms and 8760h, not 1ms"),
                mistake("a:\n  idle-timeout:", 2, "idle-timeout: is empty"),
                mistake("a:\n  idle-timeout: [1s, {b: c}]", 2, "idle-timeout: expected a plain value"),
                mistake("a:\n\n  # why\n  idle-timout: 5s", 4, "idle-timout: unknown field; use idle-timeout, "),
                mistake("a: {\"idle(timeout\": 3s}", 1, "idle(timeout: unknown field; use "),
                mistake("a:\n  idle-timeout: 5s\n  only-clients: 10.0.0.0/33", 3, "only-clients: '/33' is not between"),
                mistake("a:\n  idle-timeout: 5s\n  idle-timeout: 6s", 3, "idle-timeout: duplicate field"),
                mistake(
                        "a:\n  idle-timeout: 5s\n  on-expiry: reset-both\n  direction: client-to-upstream",
                        4,
                        "direction: client-to-upstream requires on-expiry drop"),
                mistake(
                        "a:\n  idle-timeout: 5s\n  direction: client-to-upstream\n  on-expiry: reset-both",
                        4,
                        "on-expiry: direction: client-to-upstream requires on-expiry drop"),
                mistake(
                        "a:\n  idle-timeout: 5s\n  idle-timeout-range: 6s to 9s",
                        3,
                        "idle-timeout-range: does not contain the idle timeout, 5s"),
                mistake(
                        "a:\n  idle-timeout: 5s\n  idle-timeout-range: 9s to 6s",
                        3,
                        "idle-timeout-range: 9s is longer"),
                mistake(
                        "a:\n  idle-timeout: 5s\n  idle-timeout-range: 6s",
                        3,
                        "idle-timeout-range: '6s' is not a range"),
                mistake("a:\n  source: x", 1, "a: idle-timeout is missing"),
                mistake("a:\n  idle-timeout: 5s\na:\n  idle-timeout: 5s", 3, "a: duplicate profile"),
                mistake("A b:\n  idle-timeout: 5s", 1, "'A b' is not a valid name; use lower-case letters"),
                mistake("? [a]\n: {}", 1, "expected a name"),
                mistake("a: 5s", 1, "a: expected fields such as idle-timeout: 300s"),
                mistake("- a\n- b", 1, "expected a mapping of profile names to fields"),
                mistake("a:\n  b: c\n d: e", 3, "not YAML: "),
                mistake("a:\n\tb: c", 2, "not YAML: "),
                mistake("a: {b: c", 1, "not YAML: "),
                mistake("a: *b", 1, "not YAML: found undefined alias b"),
                mistake("a: {idle-timeout: 5s}\n---\nb: {}", 2, "not YAML: "));
    }

    private static Arguments mistake(String text, int line, String reason) {
        return Arguments.of(text, line, reason);
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void mistakeIsReportedWithLineAndReason(String text, int line, String reason) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith(directory.resolve("boxes.yaml") + ":" + line + ": " + reason)
                .message()
                .hasLineCount(1);
    }

    @ParameterizedTest
    @MethodSource
    void fileWithoutTextIsRefused(byte[] content, String reason) throws IOException {
        Path file = Files.write(directory.resolve("boxes.yaml"), content);

        assertThatThrownBy(() -> ProfileFile.read(file))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith(file + ": " + reason)
                .message()
                .hasLineCount(1);
    }

    static List<Arguments> fileWithoutTextIsRefused() {
        return List.of(
                Arguments.of(new byte[0], "contains no profiles"),
                Arguments.of(new byte[] {(byte) 0xff, (byte) 0xfe, 'a'}, "not UTF-8 text"),
                Arguments.of(new byte[] {'a', 0, 'b'}, "not YAML: "));
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
