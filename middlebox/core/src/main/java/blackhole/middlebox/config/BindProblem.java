package blackhole.middlebox.config;

/** Why an address can't be listened on, for the user who chose it. */
public final class BindProblem {
    private BindProblem() {}

    /** @param cause what binding failed with, in the kernel's words */
    public static String of(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        if (message.contains("Address already in use")) {
            return "the port is in use; stop what listens there (or is it given twice?), or choose another port (0 for any)";
        }
        if (message.contains("Permission denied")) {
            return "a port below 1024 needs privileges; choose one from 1024 up";
        }
        return message.contains("Cannot assign requested address") ? "this machine has no such address" : message;
    }
}
