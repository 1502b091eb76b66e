package blackhole.proxy.api;

import blackhole.middlebox.config.UsageException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.InvalidNullException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says which field of a JSON object doesn't fit a record, and why. Jackson's own messages name classes and settings. */
final class JsonMistake {
    private JsonMistake() {}

    static UsageException of(JsonMappingException e) {
        StringBuilder path = new StringBuilder();
        e.getPath()
                .forEach(step -> path.append(
                        step.getFieldName() == null
                                ? "[" + step.getIndex() + "]"
                                : (path.isEmpty() ? "" : ".") + step.getFieldName()));
        return new UsageException(
                e.getCause() instanceof Problem cause
                        ? path + (path.isEmpty() ? "" : ".") + cause.getMessage()
                        : path + " " + problem(e));
    }

    private static String problem(JsonMappingException e) {
        if (e instanceof UnrecognizedPropertyException) {
            return "is unknown";
        }
        if (e instanceof InvalidNullException) {
            return "must not be null";
        }
        if (e instanceof InvalidFormatException format) {
            return "is not valid: '" + format.getValue() + "'";
        }
        String message = e.getOriginalMessage();
        if (message.startsWith("Missing creator property")) {
            return "is missing";
        }
        return "must be " + (e instanceof MismatchedInputException mismatch ? kind(mismatch.getTargetType()) : "valid");
    }

    private static String kind(@Nullable Class<?> type) {
        if (type == null || type.isRecord()) {
            return "an object";
        }
        if (Collection.class.isAssignableFrom(type)) {
            return "a list";
        }
        if (type.isPrimitive()) {
            return type == boolean.class ? "true or false" : "a whole number";
        }
        return type == String.class ? "text" : "a valid " + type.getSimpleName().toLowerCase(Locale.ROOT);
    }
}
