package blackhole.proxy;

/**
 * Something the user asked for that can't be: a malformed setting, an address in use, a kernel that can't do it. The
 * message is one sentence for that user; there is never a reason to show its stack trace.
 */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public UsageException(String message) {
        super(message);
    }
}
