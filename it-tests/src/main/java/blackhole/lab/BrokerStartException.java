package blackhole.lab;

/** A broker did not start. The message says which one, and why as far as that is known. */
public final class BrokerStartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what failed, for a person
     * @param cause what the broker itself reported
     */
    public BrokerStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
