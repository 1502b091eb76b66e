package blackhole.client.cli;

/** A mistake in the environment or in a {@code .env} file; the message names the variable, and never a secret. */
final class EnvironmentException extends RuntimeException {

    private static final long serialVersionUID = 1;

    EnvironmentException(String message) {
        super(message);
    }
}
