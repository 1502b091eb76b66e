package blackhole.middlebox.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
        assertThat(profile.middlebox())
                .isEqualTo(new MiddleboxConfig(
                        Duration.ofMinutes(30),
                        false,
                        OnExpiry.DROP,
                        Direction.CLIENT_TO_UPSTREAM,
                        Duration.ofHours(8),
                        1000,
                        WhenFull.IGNORE,
                        List.of(Cidr.parse("10.1.0.0/16"), Cidr.parse("::1")),
                        Duration.ofMinutes(1),
                        7));
    }

    @Test
    void fileAddsToTheBuiltInProfilesAndWins() throws IOException {
        Profiles profiles = read("{aws-nlb: {idle-timeout: 60s}, mine: {idle-timeout: 1s}}");

        assertThat(profiles.all()).hasSize(15);
        assertThat(profiles.get("aws-nlb").middlebox())
                .isEqualTo(MiddleboxConfig.DEFAULT.with(box -> box.idleTimeout(Duration.ofSeconds(60))));
        assertThat(profiles.get("mine").source()).endsWith("boxes.yaml");
        assertThat(profiles.get("aws-nat-gateway")).isEqualTo(Profiles.builtIn().get("aws-nat-gateway"));
    }

    static List<Arguments> mistakes() {
        return List.of(
                mistake("a:\n  idle-timeout: 5", 2, "idle-timeout: '5' has no unit; write 5s or 5ms"),
                mistake("a:\n  idle-timeout: 5 days", 2, "idle-timeout: '5 days' is not a duration"),
                mistake("a:\n  idle-timeout: 1ms", 2, "idle-timeout: must be between 10ms and 8760h, not 1ms"),
                mistake("a:\n  idle-timeout: 9999999h", 2, "idle-timeout: must be between"),
                mistake("a:\n  idle-timeout:", 2, "idle-timeout: is empty"),
                mistake("a:\n  idle-timeout: [1s, {b: c}]", 2, "idle-timeout: a plain value is wanted here"),
                mistake("a:\n\n  # why\n  idle-timout: 5s", 4, "idle-timout: there is no such field; there are "),
                mistake("a: {\"idle(timeout\": 3s}", 1, "idle(timeout: there is no such field; there are "),
                mistake("a:\n  idle-timeout: 5s\n  on-expiry: reset", 3, "on-expiry: 'reset' is not one of drop, "),
                mistake("a:\n  idle-timeout: 5s\n  keepalive-refreshes: no", 3, "keepalive-refreshes: 'no' is neither"),
                mistake("a:\n  idle-timeout: 5s\n  max-flows: 0", 3, "max-flows: must be 1 or more, not 0"),
                mistake("a:\n  idle-timeout: 5s\n  max-flows: many", 3, "max-flows: 'many' is not a number"),
                mistake("a:\n  idle-timeout: 5s\n  max-tombstones: -1", 3, "max-tombstones: can't be negative"),
                mistake("a:\n  idle-timeout: 5s\n  only-clients: 10.0.0.0/33", 3, "only-clients: '/33' is not between"),
                mistake("a:\n  idle-timeout: 5s\n  only-clients: localhost", 3, "only-clients: 'localhost' is not an"),
                mistake("a:\n  idle-timeout: 5s\n  idle-timeout: 6s", 3, "idle-timeout: is given twice"),
                mistake(
                        "a:\n  idle-timeout: 5s\n  on-expiry: reset-both\n  direction: client-to-upstream",
                        4,
                        "direction: other than both goes with on-expiry drop alone"),
                mistake(
                        "a:\n  idle-timeout: 5s\n  idle-timeout-range: 6s to 9s",
                        3,
                        "idle-timeout-range: does not hold"),
                mistake(
                        "a:\n  idle-timeout: 5s\n  idle-timeout-range: 9s to 6s",
                        3,
                        "idle-timeout-range: 9s is longer"),
                mistake(
                        "a:\n  idle-timeout: 5s\n  idle-timeout-range: 6s",
                        3,
                        "idle-timeout-range: '6s' is not a range"),
                mistake("a:\n  source: x", 1, "a: idle-timeout is missing"),
                mistake("a:\n  idle-timeout: 5s\na:\n  idle-timeout: 5s", 3, "a: there are two profiles of this name"),
                mistake("A b:\n  idle-timeout: 5s", 1, "'A b': a name is lower-case letters and digits, with hyphens"),
                mistake("? [a]\n: {}", 1, "a name is wanted here"),
                mistake("a: 5s", 1, "a: fields such as idle-timeout: 300s are wanted here"),
                mistake("- a\n- b", 1, "a mapping of profile names to their fields is wanted here"),
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
    void fileThatHoldsNoTextIsRefused(byte[] content, String reason) throws IOException {
        Path file = Files.write(directory.resolve("boxes.yaml"), content);

        assertThatThrownBy(() -> Profiles.builtIn().with(file))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith(file + ": " + reason)
                .message()
                .hasLineCount(1);
    }

    static List<Arguments> fileThatHoldsNoTextIsRefused() {
        return List.of(
                Arguments.of(new byte[0], "there is no profile in it"),
                Arguments.of(new byte[] {(byte) 0xff, (byte) 0xfe, 'a'}, "this is not UTF-8 text"),
                Arguments.of(new byte[] {'a', 0, 'b'}, "not YAML: "));
    }

    @Test
    void fileThatIsNotThereIsRefused() {
        Path missing = directory.resolve("missing.yaml");

        assertThatThrownBy(() -> Profiles.builtIn().with(missing))
                .isInstanceOf(UsageException.class)
                .hasMessage(missing + ": there is no such file");
        assertThatThrownBy(() -> Profiles.builtIn().with(directory))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith(directory + ": can't be read: ");
    }

    private Profiles read(String text) throws IOException {
        return Profiles.builtIn().with(Files.writeString(directory.resolve("boxes.yaml"), text));
    }
}
