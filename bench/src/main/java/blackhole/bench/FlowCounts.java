package blackhole.bench;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.Stream;

/** How many flows one process is given. */
final class FlowCounts {
    private static final int DESCRIPTORS_A_FLOW = 2;
    private static final int SPARE = 400;

    private FlowCounts() {}

    /** As the limit of open files allows: both the proxy and the benchmark hold two descriptors for each flow. */
    static List<Integer> possible(boolean quick) {
        long limit =
                ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getMaxFileDescriptorCount();
        return Stream.of(1_000, 4_000, 9_000, 50_000)
                .filter(flows -> (long) flows * DESCRIPTORS_A_FLOW + SPARE < limit)
                .filter(flows -> !quick || flows <= 1_000)
                .toList();
    }
}
