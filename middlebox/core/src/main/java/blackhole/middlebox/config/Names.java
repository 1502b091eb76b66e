package blackhole.middlebox.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Enum constants as users write them: {@code RESET_SENDER} is {@code reset-sender}. */
public final class Names {
    private Names() {}

    /** Returns the constant in lower case, with hyphens. */
    public static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** @throws UsageException if {@code text} is not exactly the name of a constant; the message lists them */
    public static <E extends Enum<E>> E parse(Class<E> type, String text) {
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> of(constant).equals(text))
                .findFirst()
                .orElseThrow(() -> new UsageException("'" + text + "' is not one of " + String.join(", ", all(type))));
    }

    static <E extends Enum<E>> List<String> all(Class<E> type) {
        return Arrays.stream(type.getEnumConstants()).map(Names::of).toList();
    }
}
