package blackhole.bench;

/** A row of the table. */
record Metric(String name, String unit, boolean moreIsBetter) {}
