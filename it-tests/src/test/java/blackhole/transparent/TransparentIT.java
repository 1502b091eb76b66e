package blackhole.transparent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import blackhole.support.ChildProcess;
import blackhole.support.Tools;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs in a network namespace of the test's own, their connections redirected by the packaged proxy. */
@Tag("root")
class TransparentIT {
    private static final Path PROXY = Path.of("../proxy/target/blackhole-proxy.jar");
    /** The one in PATH may be a user's own, which others may not run. */
    private static final String PYTHON = "/usr/bin/python3";

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** RFC 5737's TEST-NET-1 and RFC 3849's documentation prefix. */
    private static final String V4 = "192.0.2.1";

    private static final String V6 = "2001:db8::1";

    /** Sends at once, after an idle time, and on a new connection; exits with 7 so that nothing else does. */
    private static final String PYTHON_CLIENT = """
            import os, socket, sys, time
            def ask(s, text):
                s.settimeout(2)
                s.send(text)
                try: return s.recv(9).decode()
                except socket.timeout: return 'stalled'
            s = socket.create_connection((sys.argv[1], 9092))
            print(ask(s, b'a'), s.getpeername()[0], os.getuid(), os.getgroups(), os.environ['HOME'], flush=True)
            time.sleep(2.5)
            print(ask(s, b'b'))
            print(ask(socket.create_connection((sys.argv[1], 9092)), b'c'))
            sys.exit(7)
            """;

    private static final String NODE_CLIENT = """
            const socket = require('net').connect(9092, process.argv[1]);
            socket.on('data', data => console.log(String(data)));
            socket.write('a');
            setTimeout(() => socket.write('b'), 2500);
            setTimeout(() => { console.log('stalled'); process.exit(7); }, 4000);
            """;

    private static final String SERVER = """
            import socket, threading
            def echo(c):
                while data := c.recv(99): c.send(b're:' + data)
                c.close()
            def serve(server):
                while True: threading.Thread(target=echo, args=(server.accept()[0],)).start()
            for host in '%s', '%s':
                family = socket.AF_INET6 if ':' in host else socket.AF_INET
                threading.Thread(target=serve, args=(socket.create_server((host, 9092), family=family),)).start()
            print('listening', flush=True)
            """.formatted(V4, V6);

    @TempDir
    private Path directory;

    private final String namespace = "transparent-" + ProcessHandle.current().pid();
    private final List<ChildProcess> processes = new ArrayList<>();
    private String rulesBefore = "";

    @BeforeEach
    void makeNamespace() {
        assumeTrue(Tools.isRoot(), "only root can make network namespaces");
        List<String> missing = Tools.missing("ip", "nft", "setpriv", "python3");
        assumeTrue(missing.isEmpty(), () -> "not installed: " + String.join(", ", missing));
        Tools.run("ip", "netns", "add", namespace);
        in("ip", "link", "set", "lo", "up");
        in("ip", "address", "add", V4, "dev", "lo");
        in("ip", "address", "add", V6, "dev", "lo", "nodad");
        in("nft", "add", "table", "inet", "someone-elses");
        rulesBefore = rules();
        start(PYTHON, "-c", SERVER).awaitOutput("listening");
        assertThat(directory.toFile().setExecutable(true, false)).isTrue();
    }

    @AfterEach
    void removeNamespace() {
        processes.forEach(ChildProcess::close);
        try {
            Tools.run("ip", "netns", "delete", namespace);
        } catch (UncheckedIOException e) {
            // It was never made.
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {V4, V6})
    void wrappedProgramStallsAfterTheIdleTimeoutAndItsNextConnectionWorks(String server) throws Exception {
        ChildProcess wrap = wrap(
                Map.of("SUDO_UID", "65534", "SUDO_GID", "65534"),
                "--report",
                "--",
                PYTHON,
                "-c",
                PYTHON_CLIENT,
                server);

        assertThat(wrap.awaitExit(PATIENCE)).as(wrap.output()).isEqualTo(7);
        assertThat(wrap.out().lines())
                .containsExactly("re:a " + server + " 65534 [65534] /nonexistent", "stalled", "re:c");
        assertThat(wrap.err())
                .contains("2 connections, 1 expired", "hung for ")
                .containsPattern("flow 1 to \\S+:9092 expired after 1\\.\\d+ s idle; \\d+ segments discarded");
        assertThat(rules()).isEqualTo(rulesBefore);
    }

    @Test
    void programsThatForkAndInOtherLanguagesAreRedirectedToo() throws Exception {
        List<String> missing = Tools.missing("node");
        assumeTrue(missing.isEmpty(), () -> "not installed: " + String.join(", ", missing));

        ChildProcess wrap = wrap(Map.of(), "sh", "-c", "cat; node -e \"$1\" " + V4 + " & wait $!", "sh", NODE_CLIENT);
        wrap.send("from stdin");

        assertThat(wrap.end()).as(wrap.output()).isEqualTo(7);
        assertThat(wrap.out().lines()).containsExactly("from stdin", "re:a", "stalled");
        assertThat(wrap.err()).contains("expired after");
    }

    @Test
    void tlsToANameWithSeveralAddressesIsUntouched() throws Exception {
        List<String> missing = Tools.missing("openssl", "curl");
        assumeTrue(missing.isEmpty(), () -> "not installed: " + String.join(", ", missing));
        String key = directory.resolve("key.pem").toString();
        String certificate = directory.resolve("certificate.pem").toString();
        Tools.run(("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=server.test -addext"
                        + " subjectAltName=DNS:server.test -keyout " + key + " -out " + certificate)
                .split(" "));
        for (String host : List.of(V4, "[" + V6 + "]")) {
            start(("openssl s_server -www -accept " + host + ":9443 -key " + key + " -cert " + certificate).split(" "))
                    .awaitOutput("ACCEPT");
        }

        for (String version : List.of("-4", "-6")) {
            ChildProcess wrap = wrap(
                    Map.of(),
                    ("--ports 9443 -- curl -sS " + version + " --cacert " + certificate
                                    + " --resolve server.test:9443:[" + V6 + "]," + V4 + " https://server.test:9443/")
                            .split(" "));

            assertThat(wrap.awaitExit(PATIENCE)).as(wrap.output()).isZero();
            assertThat(wrap.out()).contains("TLSv1.3");
            assertThat(wrap.err()).contains(version.equals("-4") ? "-> " + V4 : "-> [2001:db8:0:0:0:0:0:1]");
        }
    }

    @ParameterizedTest
    @CsvSource({"sh -c 'exit 3', 3", "no-such-command, 127", "/etc/passwd, 126", "kill, 137"})
    void exitCodeIsTheCommandsOwn(String command, int code) throws Exception {
        ChildProcess wrap = command.equals("kill")
                ? wrap(Map.of(), "sh", "-c", "kill -KILL $$")
                : wrap(
                        Map.of(),
                        command.startsWith("sh") ? new String[] {"sh", "-c", "exit 3"} : new String[] {command});

        assertThat(wrap.awaitExit(PATIENCE)).as(wrap.output()).isEqualTo(code);
        assertThat(rules()).isEqualTo(rulesBefore);
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM"})
    void signalsReachTheCommand(String signal) throws Exception {
        ChildProcess wrap = wrap(
                Map.of(),
                "sh",
                "-c",
                "trap 'echo got it; exit 5' " + signal + "; echo ready; while :; do sleep 0.05; done");
        wrap.awaitOutput("ready");

        Tools.run("kill", "-" + signal, String.valueOf(wrap.pid()));

        assertThat(wrap.awaitExit(PATIENCE)).as(wrap.output()).isEqualTo(5);
        assertThat(wrap.out()).contains("got it");
        assertThat(rules()).isEqualTo(rulesBefore);
    }

    @Test
    void nextStartRemovesWhatAKilledOneLeftAndNotWhatARunningOneUses() throws Exception {
        ChildProcess killed = wrap(Map.of(), "sh", "-c", "echo ready; read line");
        killed.awaitOutput("ready");
        ChildProcess running = wrap(Map.of(), "sh", "-c", "echo ready; read line");
        running.awaitOutput("ready");
        assertThat(rules()).contains("blackhole-wrap-61000", "blackhole-wrap-61001");

        killed.kill();
        killed.awaitExit(PATIENCE);
        assertThat(rules()).contains("blackhole-wrap-61000");
        assertThat(redirect("--remove").awaitExit(PATIENCE)).isZero();

        assertThat(rules()).doesNotContain("blackhole-wrap-61000").contains("blackhole-wrap-61001");
        running.send("");
        assertThat(running.awaitExit(PATIENCE)).isZero();
        assertThat(rules()).isEqualTo(rulesBefore);
    }

    @Test
    void redirectPutsAnUnprivilegedProxyInThePathAndRefusesWhatCouldLoop() throws Exception {
        for (int i = 0; i < 2; i++) {
            ChildProcess redirect = redirect("--ports", "9092", "--to", "15001", "--exempt-uid", "1337");
            assertThat(redirect.awaitExit(PATIENCE)).as(redirect.output()).isZero();
        }
        String[] proxy = {"--transparent", "15001", "--idle-timeout", "1s"};
        ChildProcess exempt = java("setpriv --reuid 1337 --clear-groups", Map.of(), proxy);
        exempt.awaitOutput("listening on [0:0:0:0:0:0:0:1]:15001");

        assertThat(connect(V4, 9092)).isEqualTo("re:a");
        assertThat(connect(V6, 9092)).isEqualTo("re:a");
        assertThat(connect("127.0.0.1", 15001)).isEqualTo("reset");
        assertThat(connect("127.0.0.1", 9092)).as("nobody listens there").isEqualTo("reset");
        exempt.awaitOutput("refused a connection from 127.0.0.1");
        exempt.awaitOutput("upstream 127.0.0.1:9092 is unreachable");
        exempt.close();

        ChildProcess loops = java("", Map.of(), proxy);
        loops.awaitOutput("listening on [0:0:0:0:0:0:0:1]:15001");
        assertThat(connect(V4, 9092)).isEqualTo("reset");
        loops.awaitOutput("a rule redirects this proxy's own connections back to it");
        assertThat(loops.output().lines().filter(line -> line.contains("from " + V4)))
                .hasSizeLessThan(10);

        assertThat(redirect("--remove").awaitExit(PATIENCE)).isZero();
        assertThat(rules()).isEqualTo(rulesBefore);
    }

    @Test
    void userWithoutRootIsToldSo() throws Exception {
        Path jar = Files.copy(PROXY, directory.resolve("blackhole-proxy.jar"));
        for (String[] arguments : List.of(
                new String[] {"redirect", "--remove"}, new String[] {"wrap", "--ports", "9092", "--", "true"})) {
            ChildProcess process = ChildProcess.in(directory)
                    .under(("ip netns exec " + namespace + " setpriv --reuid 65534 --clear-groups --inh-caps=-all")
                            .split(" "))
                    .runJar(jar, arguments);
            processes.add(process);

            assertThat(process.awaitExit(PATIENCE)).isEqualTo(1);
            assertThat(process.err().lines()).singleElement().asString().contains("sudo");
        }
    }

    private String connect(String host, int port) {
        String script = """
                import socket, sys
                try:
                    s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
                    s.send(b'a')
                    print(s.recv(9).decode())
                except ConnectionResetError: print('reset')
                """;
        return in(PYTHON, "-c", script, host, String.valueOf(port)).strip();
    }

    private ChildProcess wrap(Map<String, String> environment, String... commandLine) {
        return java(
                "",
                environment,
                Stream.concat(Stream.of("wrap", "--ports", "9092", "--idle-timeout", "1s"), Stream.of(commandLine))
                        .toArray(String[]::new));
    }

    private ChildProcess redirect(String... options) {
        return java(
                "",
                Map.of(),
                Stream.concat(Stream.of("redirect"), Stream.of(options)).toArray(String[]::new));
    }

    private ChildProcess java(String under, Map<String, String> environment, String... arguments) {
        ChildProcess process = ChildProcess.in(directory)
                // A build in the background ignores SIGINT, and its children would inherit that.
                .under(("ip netns exec " + namespace + " env --default-signal=INT " + under)
                        .strip()
                        .split(" "))
                .environment(environment)
                .runJar(PROXY, arguments);
        processes.add(process);
        return process;
    }

    private ChildProcess start(String... command) {
        ChildProcess process = ChildProcess.in(directory)
                .under("ip", "netns", "exec", namespace)
                .start(command);
        processes.add(process);
        return process;
    }

    private String rules() {
        return in("nft", "list", "ruleset");
    }

    private String in(String... command) {
        return Tools.run(Stream.concat(Stream.of("ip", "netns", "exec", namespace), Stream.of(command))
                .toArray(String[]::new));
    }
}
