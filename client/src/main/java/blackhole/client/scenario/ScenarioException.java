package blackhole.client.scenario;

/** The scenario can't go on for a reason that its user can mend; the message is one line that says how. */
public final class ScenarioException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public ScenarioException(String message) {
        super(message);
    }

    public ScenarioException(String message, Throwable cause) {
        super(message, cause);
    }
}
