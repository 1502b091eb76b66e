package blackhole.proxy.api;

import blackhole.middlebox.config.Names;
import blackhole.middlebox.config.UsageException;
import java.util.Locale;

/** Names in JSON, which are those of the command line. */
public final class JsonNames {
    private JsonNames() {}

    /** {@code FlowExpired} is {@code flow-expired}. */
    public static String ofType(Class<?> type) {
        return type.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }

    /** {@code idle-timeout}, an option, is {@code idleTimeout}, a field. */
    public static String fieldOfOption(String option) {
        StringBuilder field = new StringBuilder();
        for (String word : option.split("-")) {
            field.append(field.length() == 0 ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
        }
        return field.toString();
    }

    /** @throws Problem when {@code name} is none of the enum's */
    public static <E extends Enum<E>> E parse(Class<E> type, String field, String name) {
        try {
            return Names.parse(type, name);
        } catch (UsageException e) {
            throw Problem.inField(field, e.getMessage());
        }
    }
}
