package blackhole.proxy.redirect;

import blackhole.middlebox.config.UsageException;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * TCP ports, written as {@code 9092,9093}.
 *
 * @param numbers 1 to 65535, at least one
 */
public record Ports(SortedSet<Integer> numbers) {
    /** @throws UsageException if {@code text} is empty or has something other than a port */
    public static Ports parse(String text) {
        SortedSet<Integer> numbers = new TreeSet<>();
        for (String port : text.split(",", -1)) {
            numbers.add(parsePort(port.strip(), text));
        }
        return new Ports(numbers);
    }

    private static int parsePort(String port, String all) {
        if (!port.matches("\\d{1,5}") || Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65535) {
            throw new UsageException(
                    "'" + port + "' in '" + all + "' is not a port from 1 to 65535; use 9092 or 9092,9093");
        }
        return Integer.parseInt(port);
    }

    @Override
    public String toString() {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }
}
