package blackhole.fidelity;

import java.io.IOException;

/**
 * Something that happens to a flow behind a middle.
 *
 * @param name short, for keys and the report
 * @param script plays it
 */
record Case(String name, Script script) {
    @FunctionalInterface
    interface Script {
        void play(Play play) throws IOException;
    }

    /** Whether a line {@code CASE | …} is about this case. */
    boolean isOf(String line) {
        return line.startsWith(name + " | ");
    }

    @Override
    public String toString() {
        return name;
    }
}
