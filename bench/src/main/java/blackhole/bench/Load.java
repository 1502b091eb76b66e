package blackhole.bench;

import blackhole.support.Tools;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The standard tools that measure what passes through a contender, and the CPU that the contender takes for it. */
final class Load {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HOST = "127.0.0.1";

    private Load() {}

    /** Long transfers: {@code iperf3}. */
    record Iperf(int connections, boolean bothWays, int seconds) implements Measure {
        @Override
        public void run(Contender.Running contender, Recorder recorder) throws JsonProcessingException {
            double cpuBefore = contender.cpuSeconds();
            JsonNode end = JSON.readTree(Tools.run(
                            "iperf3",
                            "--json",
                            "--client=" + HOST,
                            "--port=" + contender.ports().get(ToolServers.IPERF3),
                            "--time=" + seconds,
                            "--parallel=" + connections,
                            bothWays ? "--bidir" : "--version4"))
                    .path("end");
            double bytes = bytes(end, "sum_received") + bytes(end, "sum_received_bidir_reverse");
            String row = "bulk " + (bothWays ? "both ways, " : "one way, ") + Measure.connections(connections);
            double duration = end.path("sum_received").path("seconds").asDouble();
            recorder.more(row, "GB/s", bytes / 1e9 / duration);
            if (!contender.processes().isEmpty()) {
                recorder.less("CPU, " + row, "s/GB", (contender.cpuSeconds() - cpuBefore) / (bytes / 1e9));
            }
        }

        private static double bytes(JsonNode end, String sum) {
            return end.path(sum).path("bytes").asDouble();
        }
    }

    /** Requests that each wait for the answer to the one before: {@code redis-benchmark}. */
    record Redis(int connections, int requests) implements Measure {
        private static final Pattern RESULT = Pattern.compile(
                "\"GET\",\"([0-9.]+)\",\"[0-9.]+\",\"[0-9.]+\",\"([0-9.]+)\",\"[0-9.]+\",\"([0-9.]+)\"");

        @Override
        public void run(Contender.Running contender, Recorder recorder) {
            double cpuBefore = contender.cpuSeconds();
            Matcher result = find(
                    RESULT,
                    Tools.run(
                            "redis-benchmark",
                            "--csv",
                            "-t",
                            "get",
                            "-p",
                            contender.ports().get(ToolServers.REDIS).toString(),
                            "-c",
                            Integer.toString(connections),
                            "-n",
                            Integer.toString(requests)));
            String row = ", " + Measure.connections(connections);
            recorder.more("requests per second" + row, "1/s", Double.parseDouble(result.group(1)));
            recorder.less("request–response p50" + row, "ms", Double.parseDouble(result.group(2)));
            recorder.less("request–response p99" + row, "ms", Double.parseDouble(result.group(3)));
            if (!contender.processes().isEmpty()) {
                recorder.less("CPU per request" + row, "µs", (contender.cpuSeconds() - cpuBefore) / requests * 1e6);
            }
        }
    }

    /** A connection for each HTTP request, sixteen at a time: {@code ab} without keepalive. */
    record Ab(int connections) implements Measure {
        private static final Pattern RATE = Pattern.compile("Requests per second: +([0-9.]+)");
        private static final Pattern NONE_FAILED = Pattern.compile("Failed requests: +0\n");

        @Override
        public void run(Contender.Running contender, Recorder recorder) {
            double cpuBefore = contender.cpuSeconds();
            String output = Tools.run(
                    "ab",
                    "-q",
                    "-c16",
                    "-n" + connections,
                    "http://" + HOST + ":" + contender.ports().get(ToolServers.HTTP) + "/");
            find(NONE_FAILED, output);
            recorder.more(
                    "connections opened and closed",
                    "1/s",
                    Double.parseDouble(find(RATE, output).group(1)));
            if (!contender.processes().isEmpty()) {
                recorder.less("CPU per connection", "µs", (contender.cpuSeconds() - cpuBefore) / connections * 1e6);
            }
        }

        /** One connection runs through much code, and each part of it only once. */
        @Override
        public int warmUpRoundsOfJvm() {
            return 20;
        }
    }

    private static Matcher find(Pattern pattern, String output) {
        Matcher matcher = pattern.matcher(output);
        if (!matcher.find()) {
            throw new IllegalStateException("unexpected output: " + output);
        }
        return matcher;
    }
}
