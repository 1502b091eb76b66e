package blackhole.middlebox.config;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something the user asked for that can't be: a malformed setting, an address in use, a kernel that can't do it. The
 * message is one sentence for that user; there is never a reason to show its stack trace.
 */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final @Nullable String setting;

    /** @param problem the whole sentence, of a problem that is in no one setting */
    public UsageException(String problem) {
        super(problem);
        setting = null;
    }

    /**
     * @param setting the setting's name as on the command line, without the dashes
     * @param problem the rest of the sentence
     */
    public UsageException(String setting, String problem) {
        super(setting + " " + problem);
        this.setting = setting;
    }

    /** The setting that the message begins with, as on the command line, without the dashes. */
    public Optional<String> setting() {
        return Optional.ofNullable(setting);
    }

    /** The message for a command line, where a setting is an option. */
    public String messageForCommandLine() {
        return setting != null ? "--" + getMessage() : getMessage();
    }
}
