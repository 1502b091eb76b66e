package blackhole.proxy.admin;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Names in JSON, which are those of the command line. */
final class Names {
    private Names() {}

    /** {@code RESET_SENDER} is {@code reset-sender}. */
    static String of(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** {@code FlowExpired} is {@code flow-expired}. */
    static String ofType(Class<?> type) {
        return type.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }

    /** {@code idle-timeout}, an option, is {@code idleTimeout}, a field. */
    static String fieldOfOption(String option) {
        StringBuilder field = new StringBuilder();
        for (String word : option.split("-")) {
            field.append(field.length() == 0 ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
        }
        return field.toString();
    }

    /** @throws Problem when {@code name} is none of the enum's */
    static <E extends Enum<E>> E parse(Class<E> type, String field, String name) {
        List<String> names =
                Arrays.stream(type.getEnumConstants()).map(Names::of).toList();
        if (!names.contains(name)) {
            throw Problem.inField(field, "must be one of " + String.join(", ", names) + ", not '" + name + "'");
        }
        return type.getEnumConstants()[names.indexOf(name)];
    }
}
