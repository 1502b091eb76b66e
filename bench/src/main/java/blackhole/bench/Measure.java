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

        /** A figure that is better if it is less. */
        default void less(String name, String unit, double value) {
            add(new Metric(name, unit, false), value);
        }

        /** A figure that is better if it is more. */
        default void more(String name, String unit, double value) {
            add(new Metric(name, unit, true), value);
        }
    }

    static String connections(int number) {
        return number == 1 ? "1 connection" : number + " connections";
    }
}
