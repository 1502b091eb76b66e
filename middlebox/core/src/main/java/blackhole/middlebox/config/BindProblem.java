package blackhole.middlebox.config;

/** Explains why the proxy can't listen on an address. */
public final class BindProblem {
    private BindProblem() {}

    /** @param cause the exception from binding */
    public static String of(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        if (message.contains("Address already in use")) {
            return "the port is in use; stop the program that listens there, remove a duplicate route, or use another port"
                    + " (0 for any)";
        }
        if (message.contains("Permission denied")) {
            return "ports below 1024 need privileges; use 1024 or higher";
        }
        return message.contains("Cannot assign requested address") ? "this machine has no such address" : message;
    }
}
