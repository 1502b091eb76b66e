package blackhole.middlebox.flow;

import java.util.Locale;

/** The two halves of a flow: from the client to the middlebox, and from the middlebox to the upstream. */
public enum Leg {
    CLIENT,
    UPSTREAM;

    /** {@code client} or {@code upstream}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
