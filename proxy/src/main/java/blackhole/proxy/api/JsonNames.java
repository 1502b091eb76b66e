package blackhole.proxy.api;

import blackhole.middlebox.config.Names;
import blackhole.middlebox.config.UsageException;
import java.util.Locale;

/** Names in JSON. */
public final class JsonNames {
    private JsonNames() {}

    /** Returns {@code flow-expired} for {@code FlowExpired}. */
    public static String ofType(Class<?> type) {
        return type.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }

    /** @throws Problem if {@code name} is not a constant of the enum */
    public static <E extends Enum<E>> E parse(Class<E> type, String field, String name) {
        try {
            return Names.parse(type, name);
        } catch (UsageException e) {
            throw Problem.inField(field, e.getMessage());
        }
    }
}
