package blackhole.proxy.cli;

import blackhole.middlebox.config.Durations;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.Names;
import blackhole.middlebox.config.Route;
import blackhole.middlebox.config.UsageException;
import java.time.Duration;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converters for the values of options. */
final class OptionValues {
    private OptionValues() {}

    static void register(CommandLine commandLine) {
        commandLine.registerConverter(Duration.class, converter(Durations::parse));
        commandLine.registerConverter(Route.class, converter(Route::parse));
        commandLine.registerConverter(Endpoint.class, converter(Endpoint::parseListen));
        commandLine.registerConverter(ProxyCommand.LogFormat.class, oneOf(ProxyCommand.LogFormat.class));
    }

    private static <E extends Enum<E>> ITypeConverter<E> oneOf(Class<E> type) {
        return converter(text -> Names.parse(type, text));
    }

    private static <T> ITypeConverter<T> converter(Function<String, T> parse) {
        return text -> {
            try {
                return parse.apply(text);
            } catch (UsageException e) {
                throw new TypeConversionException(e.getMessage());
            }
        };
    }
}
