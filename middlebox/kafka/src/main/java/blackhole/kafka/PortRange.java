package blackhole.kafka;

import blackhole.middlebox.config.UsageException;

/**
 * The ports for brokers, written as {@code 19093-19192}.
 *
 * @param first 1 to 65535
 * @param last {@code first} to 65535; at most 1000 ports
 */
public record PortRange(int first, int last) {
    private static final int MAX_SIZE = 1000;

    /** @throws UsageException if the range is empty or too large, or a port is out of range */
    public PortRange {
        if (first < 1 || last > 65535 || first > last || last - first >= MAX_SIZE) {
            throw new UsageException(first + "-" + last + " is not a range of 1 to " + MAX_SIZE + " ports up to 65535");
        }
    }

    /** @throws UsageException if {@code text} is not {@code FIRST-LAST} */
    public static PortRange parse(String text) {
        if (!text.matches("\\d{1,5}-\\d{1,5}")) {
            throw new UsageException("'" + text + "' is not a range; use FIRST-LAST, such as 19093-19192");
        }
        int dash = text.indexOf('-');
        return new PortRange(Integer.parseInt(text.substring(0, dash)), Integer.parseInt(text.substring(dash + 1)));
    }

    int size() {
        return last - first + 1;
    }

    @Override
    public String toString() {
        return first + "-" + last;
    }
}
