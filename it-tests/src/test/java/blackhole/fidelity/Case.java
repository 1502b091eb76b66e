package blackhole.fidelity;

import java.util.function.Consumer;

/**
 * Something that happens to a flow behind a middlebox.
 *
 * @param name short, for keys and the report
 * @param script what the hosts do
 */
record Case(String name, Consumer<CaseRun> script) {
    /** Whether a line {@code CASE | …} is about this case. */
    boolean isOf(String line) {
        return line.startsWith(name + " | ");
    }

    @Override
    public String toString() {
        return name;
    }
}
