package blackhole.bench;

import blackhole.support.ChildProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What idle flows cost: memory for each, and the CPU of the idle clock. */
record IdleFlows(Path directory, Path jar, boolean quick) {
    private static final double KIB = 1024;

    /** An address without clients: the clock looks at every flow, but none expires while we measure. */
    private static final String FAULTS_FOR_OTHERS = "--only-clients=192.0.2.1/32";

    void run(Results results) throws Exception {
        try (Servers servers = new Servers()) {
            for (int flows : HeldFlows.numbers(quick)) {
                measure(servers, flows, "5m", results);
                measure(servers, flows, "3s", results);
            }
        }
    }

    private void measure(Servers servers, int number, String timeout, Results results) throws Exception {
        boolean memory = timeout.equals("5m");
        Contender proxy = Contender.blackhole(
                Contender.BLACKHOLE,
                jar,
                List.of("-XX:NativeMemoryTracking=summary"),
                "--idle-timeout=" + timeout,
                FAULTS_FOR_OTHERS);
        try (Contender.Running running = proxy.start(directory, servers.echoPorts())) {
            ChildProcess process = running.processes().get(0);
            // The classes that a flow needs are loaded now, and not counted.
            HeldFlows.open(50, running.ports()).close();
            TimeUnit.SECONDS.sleep(1);
            JavaMemory empty = memory ? JavaMemory.of(process.pid()) : new JavaMemory(0, 0);
            long residentBefore = process.residentBytes();
            try (HeldFlows flows = HeldFlows.open(number, running.ports())) {
                flows.touch();
                TimeUnit.SECONDS.sleep(quick ? 1 : 15);
                double cpuBefore = process.cpuSeconds();
                int window = quick ? 3 : 20;
                TimeUnit.SECONDS.sleep(window);
                double percent = 100 * (process.cpuSeconds() - cpuBefore) / window;
                String row = "%,d idle flows, idle timeout %s: ".formatted(number, timeout);
                Measure.Recorder recorder = results.recorder(running.name());
                recorder.less(row + "CPU", "% of a core", percent);
                if (memory) {
                    long resident = process.residentBytes() - residentBefore;
                    JavaMemory full = JavaMemory.of(process.pid());
                    recorder.less(row + "heap a flow", "KiB", (full.liveHeap() - empty.liveHeap()) / KIB / number);
                    recorder.less(row + "direct memory a flow", "KiB", (full.direct() - empty.direct()) / KIB / number);
                    recorder.less(row + "resident memory a flow, garbage included", "KiB", resident / KIB / number);
                }
            }
        }
    }
}
