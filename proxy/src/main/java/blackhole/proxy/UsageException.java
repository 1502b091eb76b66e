package blackhole.proxy;

/**
 * Something the user asked for that can't be: a malformed setting, an address in use, a kernel that can't do it. The
 * message is one sentence for that user; there is never a reason to show its stack trace.
 */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final boolean startsWithSetting;

    public UsageException(String problem) {
        super(problem);
        startsWithSetting = false;
    }

    /**
     * @param setting the setting's name as on the command line, without the dashes
     * @param problem the rest of the sentence
     */
    public UsageException(String setting, String problem) {
        super(setting + " " + problem);
        startsWithSetting = true;
    }

    /** The message for a command line, where a setting is an option. */
    public String messageForCommandLine() {
        return startsWithSetting ? "--" + getMessage() : getMessage();
    }
}
