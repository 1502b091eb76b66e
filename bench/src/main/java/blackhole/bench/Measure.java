package blackhole.bench;

/** Something measured of each contender in turn. */
@FunctionalInterface
interface Measure {
    void run(Contender.Running contender, Recorder recorder) throws Exception;

    /** How many rounds of a contender that is a JVM are thrown away, as it compiles meanwhile. */
    default int warmUpRoundsOfJvm() {
        return 2;
    }

    /** Takes the figures of one contender in one round. */
    @FunctionalInterface
    interface Recorder {
        void add(Metric metric, double value);
    }
}
