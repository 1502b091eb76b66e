package blackhole.proxy.cli;

import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Setting;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/** An option for each {@link Setting}. */
@Command
final class ConfigOptions {
    private final Map<Setting<?>, OptionSpec> options = new HashMap<>();

    @Spec(Spec.Target.MIXEE)
    void addTo(CommandSpec command) {
        for (Setting<?> setting : Setting.ALL) {
            OptionSpec option = option(setting);
            options.put(setting, option);
            command.addOption(option);
        }
    }

    private static OptionSpec option(Setting<?> setting) {
        return OptionSpec.builder("--" + setting.name())
                .type(List.class)
                .auxiliaryTypes(String.class)
                .arity("1")
                .paramLabel(setting.type().label())
                .description(Stream.concat(Stream.of(setting.summary()), setting.details().stream())
                        .toArray(String[]::new))
                .build();
    }

    /**
     * Returns {@code profile} with the given options applied.
     *
     * @throws blackhole.middlebox.config.UsageException if a value is malformed, out of range or contradicts another
     */
    MiddleboxConfig over(MiddleboxConfig profile) {
        Map<Setting<?>, @Nullable String> given = new HashMap<>();
        options.forEach((setting, option) -> {
            List<String> values = option.getValue();
            if (values != null) {
                boolean isList = setting.defaultValue() instanceof List;
                given.put(setting, isList ? String.join(",", values) : values.get(values.size() - 1));
            }
        });
        return profile.withText(given);
    }
}
