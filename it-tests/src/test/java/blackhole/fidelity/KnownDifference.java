package blackhole.fidelity;

import java.util.List;

/**
 * A difference between the proxy and a real NAT that is known and explained.
 *
 * @param what a reader should know, in a few words
 * @param nat how it is behind a NAT
 * @param proxy how it is through the proxy
 * @param why it can't be helped, or is not meant to
 * @param seen everything by which it shows in the cases, as {@code CASE | PLACE | NAT | PROXY}, one a line
 */
record KnownDifference(String what, String nat, String proxy, String why, String seen) {
    /** A row of the table in docs/limits.md. */
    String row() {
        return "| " + String.join(" | ", what, nat, proxy, why) + " |";
    }

    List<String> lines() {
        return seen.lines().toList();
    }
}
