package blackhole.kafka;

import java.io.IOException;

/** The reason to end a flow: its bytes are not Kafka's protocol, or can't be rewritten. Without a stack trace. */
final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    RefusedException(String reason) {
        super(reason);
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
