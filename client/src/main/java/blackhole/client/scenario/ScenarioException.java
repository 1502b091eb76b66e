package blackhole.client.scenario;

import java.util.Objects;

/** A mistake of the user or the environment; the message is one line that says how to fix it. */
public final class ScenarioException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public ScenarioException(String message) {
        super(message);
    }

    public ScenarioException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The message; never null. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage(), "set by every constructor");
    }
}
