package blackhole.middlebox.config;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A mistake of the user or a limit of the system: a malformed setting, an address in use, a kernel that lacks a feature.
 * The message is one line for that user; the stack trace is of no interest.
 */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final @Nullable String setting;
    private final String problem;

    /** @param problem the whole message, for a problem that is not in a single setting */
    public UsageException(String problem) {
        super(problem);
        setting = null;
        this.problem = problem;
    }

    /**
     * @param setting the name of the setting, as on the command line but without dashes; the message starts with it
     * @param problem the rest of the message
     */
    public UsageException(String setting, String problem) {
        super(setting + ": " + problem);
        this.setting = setting;
        this.problem = problem;
    }

    /** The name of the wrong setting, as on the command line but without dashes. */
    public Optional<String> setting() {
        return Optional.ofNullable(setting);
    }

    /** The whole message; never null. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage(), "set by every constructor");
    }

    /** The message without the name of the setting. */
    public String problem() {
        return problem;
    }

    /** The message for a command line, where a setting is an option. */
    public String messageForCommandLine() {
        return setting != null ? "--" + getMessage() : getMessage();
    }
}
