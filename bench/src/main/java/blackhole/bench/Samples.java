package blackhole.bench;

import java.util.Arrays;

/** Many measured times, and their percentiles. Not thread-safe. */
final class Samples {
    private long[] values = new long[1 << 16];
    private int size;
    private boolean sorted;

    void add(long value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, 2 * size);
        }
        values[size++] = value;
        sorted = false;
    }

    int size() {
        return size;
    }

    /** The value that {@code percent} of all are not above; NaN when there is none. */
    double percentile(double percent) {
        if (size == 0) {
            return Double.NaN;
        }
        if (!sorted) {
            Arrays.sort(values, 0, size);
            sorted = true;
        }
        return values[(int) Math.max(0, Math.ceil(percent / 100 * size) - 1)];
    }

    double max() {
        return percentile(100);
    }
}
