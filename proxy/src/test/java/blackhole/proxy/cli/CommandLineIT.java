package blackhole.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.middlebox.config.Endpoint;
import blackhole.proxy.http.AdminClient;
import blackhole.support.ChildProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code --admin} and {@code replay} in processes of their own. */
class CommandLineIT {
    private static final String RECORDING = "{\"type\":\"recording\",\"version\":2,\"at\":\"2026-11-23T10:00:00Z\","
            + "\"outage\":false,\"middlebox\":{},\"routes\":[]}\n";
    private static final Path SCRIPT = Path.of("src/test/resources/steer-with-curl.sh");
    private static final Path REFERENCE = Path.of("../docs/http-api.md");

    @TempDir
    private Path directory;

    /** @param prefix regular expression for what precedes the URL in the log */
    private static Endpoint admin(ProxyProcess process, String prefix) {
        process.awaitOutput(" at http://");
        Matcher url = Pattern.compile(prefix + " http://([^/]+)/").matcher(String.join("\n", process.out()));
        assertThat(url.find()).isTrue();
        return Endpoint.parse(url.group(1));
    }

    @Test
    void shellScriptControlsTheProxyWithCurl() throws Exception {
        try (ServerSocket upstream = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                ProxyProcess proxy = ProxyProcess.start(
                        directory, "--route", "0=127.0.0.1:" + upstream.getLocalPort(), "--admin", "0");
                Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.awaitPort())) {
            proxy.awaitOutput(":" + client.getLocalPort() + " -> ");
            String api = admin(proxy, "API at").toString();
            try (ChildProcess script = ChildProcess.in(directory).start("bash", SCRIPT.toString(), api, "127.0.0.1")) {
                assertThat(script.awaitExit(AdminClient.PATIENCE))
                        .as(script.output())
                        .isZero();
                assertThat(script.out())
                        .contains(
                                "\"idleTimeout\":\"30s\"",
                                "\"cause\":\"command\"",
                                "{\"on\":true}",
                                "{\"on\":false}",
                                "event: flow-healed");
            }
        }
    }

    @Test
    void referenceShowsThatScript() throws IOException {
        String script = Files.readString(SCRIPT, StandardCharsets.UTF_8);

        assertThat(Files.readString(REFERENCE, StandardCharsets.UTF_8)).contains(script);
    }

    @ParameterizedTest
    @CsvSource({"--route 0=none --admin 0, API at, /health", "replay RECORDING, replaying .* at, /api/v1/routes"})
    void contentOfTheFileIsTheToken(String options, String prefix, String path) throws Exception {
        Path token = Files.writeString(directory.resolve("token"), "secret-word\n");
        Path recording = Files.writeString(directory.resolve("run.jsonl"), RECORDING);
        String[] arguments =
                (options.replace("RECORDING", recording.toString()) + " --admin-token-file " + token).split(" ");
        try (ProxyProcess process = ProxyProcess.start(directory, arguments)) {
            try (AdminClient client = new AdminClient(admin(process, prefix))) {
                client.get(path).problem(401);
                client.get(path, "Authorization", "Bearer secret-word").ok();
            }
        }
    }
}
