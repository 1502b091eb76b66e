package blackhole.keepalive;

/** This JDK lacks something that setting socket options needs; the message says what. */
final class UnsupportedJdkException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    UnsupportedJdkException(String message, Throwable cause) {
        super(message, cause);
    }
}
