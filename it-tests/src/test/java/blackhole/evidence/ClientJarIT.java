package blackhole.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.lab.Lab;
import blackhole.middlebox.config.Endpoint;
import blackhole.proxy.http.AdminServer;
import blackhole.support.ChildProcess;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The executable jar in a process of its own: what it prints and writes, and that no secret is in it. */
@Execution(ExecutionMode.CONCURRENT)
@Tag("broker")
@Tag("slow")
class ClientJarIT {

    private static final Path JAR = Path.of("..", "client", "target", "blackhole-client.jar");
    private static final String SECRET = "hunter2-4711";
    private static final String TOKEN = "swordfish-4711";

    @TempDir
    private Path directory;

    @Test
    void runPrintsItsDocumentAndWritesTheReport() throws Exception {
        Path report = directory.resolve("run.html");
        Path config = Files.writeString(directory.resolve("client.properties"), "ssl.key.password=" + SECRET);
        Path token = Files.writeString(directory.resolve("token"), TOKEN + "\n");
        try (Lab lab = Lab.builder().idleTimeout(Duration.ofSeconds(3)).start();
                AdminServer admin = AdminServer.start(lab.proxy().proxy(), Endpoint.parseListen("0"), TOKEN)) {

            Result result = client("run --topic orders --create-topic 2 --burst-size 10 --idle 4s --keepalive on"
                    + " --keepalive-idle 1s --keepalive-interval 1s --watch --output json --expect IMMEDIATE"
                    + " --proxy-admin http://127.0.0.1:"
                    + admin.endpoint().port() + " --proxy-admin-token-file " + token + " --bootstrap-server "
                    + lab.bootstrap() + " --command-config " + config + " --report " + report);

            assertThat(result.exit()).as(result.err()).isZero();
            assertThat(ReportSchema.violations(result.out())).isEmpty();
            JsonNode document = new ObjectMapper().readTree(result.out());
            assertThat(document.path("unknownBecause").isNull())
                    .as(result.out())
                    .isTrue();
            assertThat(document.path("settings")
                            .path("producerProperties")
                            .path("ssl.key.password")
                            .asText())
                    .isEqualTo("(hidden)");
            assertThat(result.err()).contains("sockets in the middle of the idle time", "keepalive,");
            assertThat(document.path("events").findValuesAsText("kind")).contains("PROXY");
            assertThat(document.path("warnings")).isEmpty();
            assertThat(report).content().contains("IMMEDIATE", "d3js.org").doesNotContain(SECRET, TOKEN);
            assertThat(result.out() + result.err()).doesNotContain(SECRET, TOKEN);
        }
    }

    @Test
    void compareRunsTheVariantsOfAFile() throws Exception {
        Path report = directory.resolve("compare.html");
        Path variants = Files.writeString(directory.resolve("variants.yaml"), """
                as it is:
                the fix:
                  keepalive: on
                  keepalive-idle: 1s
                  keepalive-interval: 1s
                  expect: IMMEDIATE
                """);
        try (Lab lab = Lab.builder().idleTimeout(Duration.ofMinutes(5)).start()) {

            Result result =
                    client("compare --topic orders --create-topic 1 --burst-size 5 --idle 2s --bootstrap-server "
                            + lab.bootstrap() + " --variants " + variants + " --report " + report);

            assertThat(result.exit()).as(result.err()).isZero();
            assertThat(result.out().lines())
                    .anyMatch(line -> line.startsWith("as it is  IMMEDIATE"))
                    .anyMatch(line -> line.startsWith("the fix   IMMEDIATE"))
                    .anyMatch(line -> line.startsWith("all together took "));
            assertThat(report).content().contains("Comparison of 2 producers");
        }
    }

    private record Result(int exit, String out, String err) {}

    private Result client(String arguments) throws Exception {
        try (ChildProcess client = ChildProcess.in(directory).runJar(JAR, arguments.split(" "))) {
            return new Result(client.end(), client.out(), client.err());
        }
    }
}
