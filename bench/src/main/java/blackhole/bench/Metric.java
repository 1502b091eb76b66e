package blackhole.bench;

/**
 * A row of the table.
 *
 * @param better whether more or less of it is better
 */
record Metric(String name, String unit, Better better) {
    enum Better {
        MORE,
        LESS
    }

    static Metric bulk(int connections, boolean bothWays) {
        return new Metric("bulk " + way(bothWays) + ", " + connections(connections), "GB/s", Better.MORE);
    }

    static Metric cpuPerGigabyte(int connections, boolean bothWays) {
        return new Metric("CPU, bulk " + way(bothWays) + ", " + connections(connections), "s/GB", Better.LESS);
    }

    static Metric latency(int connections, String percentile) {
        return new Metric("request–response " + percentile + ", " + connections(connections), "µs", Better.LESS);
    }

    static Metric less(String name, String unit) {
        return new Metric(name, unit, Better.LESS);
    }

    static Metric more(String name, String unit) {
        return new Metric(name, unit, Better.MORE);
    }

    private static String way(boolean bothWays) {
        return bothWays ? "both ways" : "one way";
    }

    static String connections(int number) {
        return number == 1 ? "1 connection" : number + " connections";
    }
}
