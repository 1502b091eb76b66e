package blackhole.proxy.api;

import blackhole.middlebox.config.Names;
import blackhole.middlebox.config.UsageException;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Optional;

/** The query parameters of a request. */
public final class Parameters {
    private final MultiMap values;

    /** @throws Problem if there is a parameter other than {@code known}, or one is given twice */
    public Parameters(MultiMap values, String... known) {
        this.values = values;
        for (String name : values.names()) {
            if (!List.of(known).contains(name)) {
                throw Problem.inField(
                        name,
                        "is not a parameter of this resource"
                                + (known.length == 0 ? "" : "; use " + String.join(", ", known)));
            }
            if (values.getAll(name).size() > 1) {
                throw Problem.inField(name, "is given more than once");
            }
        }
    }

    public Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /** @throws Problem if {@code name} is not a constant of the enum */
    static <E extends Enum<E>> E constant(Class<E> type, String field, String name) {
        try {
            return Names.parse(type, name);
        } catch (UsageException e) {
            throw Problem.inField(field, e.getMessage());
        }
    }

    int number(String name, int max, int defaultValue) {
        String text = values.get(name);
        if (text == null) {
            return defaultValue;
        }
        if (text.matches("\\d{1,10}") && Long.parseLong(text) <= max) {
            return Integer.parseInt(text);
        }
        throw Problem.inField(name, "must be an integer from 0 to " + max + ", not '" + text + "'");
    }
}
