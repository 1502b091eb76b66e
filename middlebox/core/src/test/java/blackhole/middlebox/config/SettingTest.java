package blackhole.middlebox.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class SettingTest {
    static final List<Setting<?>> ALL = Setting.ALL;

    @ParameterizedTest
    @FieldSource("ALL")
    <T> void defaultIsInRangeAndIsReadBack(Setting<T> setting) {
        T value = setting.defaultValue();

        assertThat(setting.requireAllowed(value)).isEqualTo(value);
        assertThat(value == null || setting.parse(setting.format(value)).equals(value))
                .isTrue();
        assertThat(setting.name()).matches("[a-z]+(-[a-z]+)*");
        assertThat(setting.description()).isNotBlank().doesNotEndWith(".");
        assertThat(Setting.named(setting.name())).contains(setting);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "idle-timeout        | 10ms",
                "idle-timeout        | 8760h",
                "keepalive-refreshes | false",
                "on-expiry           | reset-sender",
                "direction           | client-to-upstream",
                "max-lifetime        | 10ms",
                "max-flows           | 1",
                "max-flows           | 2147483647",
                "when-full           | expire-longest-idle",
                "when-full           | ignore",
                "only-clients        | 10.1.0.0/16,0:0:0:0:0:0:0:1/128",
                "only-clients        | ''",
                "tombstone-time      | 0ms",
                "max-tombstones      | 0",
            })
    void valueIsWrittenAsItIsRead(String name, String text) {
        assertThat(readAndWrite(setting(name), text)).isEqualTo(text);
    }

    private static <T> String readAndWrite(Setting<T> setting, String text) {
        return setting.format(
                MiddleboxConfig.DEFAULT.with(setting, setting.parse(text)).get(setting));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "idle-timeout        | 9ms                     | must be between 10ms and 8760h, not 9ms",
                "idle-timeout        | 8761h                   | must be between 10ms and 8760h, not 8761h",
                "idle-timeout        | 999999999999h           | must be between",
                "idle-timeout        | PT9223372036854775807S  | must be between",
                "idle-timeout        | 3                       | '3' has no unit; use 3s, 3ms or 3m",
                "keepalive-refreshes | no                      | 'no' is neither true nor false",
                "on-expiry           | DROP                    | 'DROP' is not one of drop, reset-sender, ",
                "direction           | up                      | 'up' is not one of client-to-upstream, ",
                "max-lifetime        | soon                    | 'soon' is not a valid duration",
                "max-flows           | 0                       | must be 1 or more, not 0",
                "max-flows           | many                    | 'many' is not a whole number up to 2147483647",
                "when-full           | expire                  | 'expire' is not one of expire-longest-idle, ignore",
                "only-clients        | localhost               | 'localhost' is not an address or a range",
                "only-clients        | 999.0.0.1               | '999.0.0.1' is not an address or a range",
                "only-clients        | 1::2::3                 | '1::2::3' is not an address or a range",
                "only-clients        | 10.0.0.0/33             | '/33' is not between /0 and /32",
                "only-clients        | 10.0.0.1,               | '' is not an address or a range",
                "tombstone-time      | 8761h                   | must be between 0ms and 8760h, not 8761h",
                "max-tombstones      | -1                      | must be 0 or more, not -1",
            })
    void wrongValueIsRefusedWithTheNameOfTheSetting(String name, String text, String reason) {
        assertThatThrownBy(() -> setting(name).parse(text))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith(name + ": " + reason);
    }

    private static Setting<?> setting(String name) {
        return Setting.named(name).orElseThrow();
    }

    @Test
    @SuppressWarnings("NullAway") // Takes the T of a Setting as non-null.
    void configIsChangedWithoutAffectingOtherSettings() {
        MiddleboxConfig changed =
                MiddleboxConfig.DEFAULT.with(Setting.ON_EXPIRY, OnExpiry.STALL).with(Setting.MAX_FLOWS, 3);

        assertThat(changed.onExpiry()).isEqualTo(OnExpiry.STALL);
        assertThat(changed.maxFlows()).isEqualTo(3);
        assertThat(changed)
                .isNotEqualTo(MiddleboxConfig.DEFAULT)
                .asString()
                .contains("on-expiry stall, ", "idle-timeout 5m");
        assertThat(changed.with(Setting.ON_EXPIRY, OnExpiry.DROP).with(Setting.MAX_FLOWS, null))
                .isEqualTo(MiddleboxConfig.DEFAULT);
    }

    @Test
    void settingsThatMustAgreeAreChangedAtOnce() {
        MiddleboxConfig resetting = MiddleboxConfig.DEFAULT.with(Setting.ON_EXPIRY, OnExpiry.RESET_BOTH);
        Map<Setting<?>, @Nullable String> changes = new HashMap<>();
        changes.put(Setting.DIRECTION, "upstream-to-client");

        assertThatThrownBy(() -> resetting.withText(changes))
                .isInstanceOf(UsageException.class)
                .hasMessage("direction: upstream-to-client requires on-expiry drop, not reset-both");
        changes.put(Setting.ON_EXPIRY, "drop");
        assertThat(resetting.withText(changes).direction()).isEqualTo(Direction.UPSTREAM_TO_CLIENT);
    }

    @Test
    void documentationListsEverySetting() {
        String table = Setting.ALL.stream().map(SettingTest::row).collect(Collectors.joining("\n"));

        assertThat(Path.of("../../docs/settings.md")).content().contains(table);
    }

    private static String row(Setting<?> setting) {
        String details = setting.details().stream().map(line -> "<br>" + line).collect(Collectors.joining());
        return "| `%s` | `%s` | %s | %s | %s.%s |"
                .formatted(
                        setting.name(),
                        setting.jsonName(),
                        setting.type().range(),
                        setting.defaultText(),
                        setting.description(),
                        details);
    }
}
