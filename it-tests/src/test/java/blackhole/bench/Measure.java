package blackhole.bench;

/** Something measured of each contender in turn. */
@FunctionalInterface
interface Measure {
    void run(Contender.Running contender, Recorder recorder) throws Exception;

    /** Takes the figures of one contender in one round. */
    @FunctionalInterface
    interface Recorder {
        void add(Metric metric, double value);
    }
}
