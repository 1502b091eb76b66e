package blackhole.proxy.cli;

import blackhole.proxy.Cidr;
import blackhole.proxy.Direction;
import blackhole.proxy.Durations;
import blackhole.proxy.Endpoint;
import blackhole.proxy.OnExpiry;
import blackhole.proxy.Route;
import blackhole.proxy.UsageException;
import blackhole.proxy.WhenFull;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How option values that are not plain text or numbers are read. */
final class OptionValues {
    private OptionValues() {}

    static void register(CommandLine commandLine) {
        commandLine.registerConverter(Duration.class, converter(Durations::parse));
        commandLine.registerConverter(Route.class, converter(Route::parse));
        commandLine.registerConverter(Endpoint.class, converter(Endpoint::parseListen));
        commandLine.registerConverter(Cidr.class, converter(Cidr::parse));
        commandLine.registerConverter(OnExpiry.class, text -> oneOf(OnExpiry.class, text));
        commandLine.registerConverter(Direction.class, text -> oneOf(Direction.class, text));
        commandLine.registerConverter(WhenFull.class, text -> oneOf(WhenFull.class, text));
        commandLine.registerConverter(ProxyCommand.LogFormat.class, text -> oneOf(ProxyCommand.LogFormat.class, text));
    }

    private static <E extends Enum<E>> E oneOf(Class<E> type, String text) {
        List<String> names = Arrays.stream(type.getEnumConstants())
                .map(value -> value.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .toList();
        if (!names.contains(text)) {
            throw new TypeConversionException("'" + text + "' is not one of " + String.join(", ", names));
        }
        return type.getEnumConstants()[names.indexOf(text)];
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
