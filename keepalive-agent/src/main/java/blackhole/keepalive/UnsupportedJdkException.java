package blackhole.keepalive;

/** This JDK lacks an internal method that the agent requires; the message names it. */
final class UnsupportedJdkException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    UnsupportedJdkException(String message, Throwable cause) {
        super(message, cause);
    }
}
