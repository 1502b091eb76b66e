package blackhole.proxy.http;

import blackhole.proxy.api.JsonNames;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Optional;

/** The query parameters of a request; one that is unknown or given twice is a mistake. */
public final class Parameters {
    private final MultiMap values;

    /** @throws Problem when there are others than {@code known}, or one twice */
    public Parameters(MultiMap values, String... known) {
        this.values = values;
        for (String name : values.names()) {
            if (!List.of(known).contains(name)) {
                throw Problem.inField(
                        name,
                        "is not a parameter here"
                                + (known.length == 0 ? "" : "; there are " + String.join(", ", known)));
            }
            if (values.getAll(name).size() > 1) {
                throw Problem.inField(name, "is given more than once");
            }
        }
    }

    public Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name));
    }

    public int number(String name, int least, int most, int otherwise) {
        String text = values.get(name);
        if (text == null) {
            return otherwise;
        }
        if (text.matches("\\d{1,10}")) {
            long number = Long.parseLong(text);
            if (number >= least && number <= most) {
                return (int) number;
            }
        }
        throw Problem.inField(
                name, "must be a whole number between " + least + " and " + most + ", not '" + text + "'");
    }

    public <E extends Enum<E>> Optional<E> oneOf(Class<E> type, String name) {
        return text(name).map(text -> JsonNames.parse(type, name, text));
    }
}
