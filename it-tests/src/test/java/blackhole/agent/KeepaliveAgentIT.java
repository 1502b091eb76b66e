package blackhole.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import blackhole.lab.Lab;
import blackhole.lab.SharedLab;
import blackhole.lab.SharedLab.Share;
import blackhole.support.ChildProcess;
import blackhole.support.Jdk;
import blackhole.support.Ss;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.function.Predicate;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.Condition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The agent's jar in JVMs of their own, whose sockets are looked at from here. */
@Execution(ExecutionMode.CONCURRENT)
@Tag("broker")
@Tag("slow")
class KeepaliveAgentIT {

    private static final Path AGENT = Path.of("../keepalive-agent/target/blackhole-keepalive-agent.jar");
    private static final Path CLIENT = Path.of("../client/target/blackhole-client.jar");
    private static final Path CLASSES = Path.of("target/test-classes");

    private static final String INCIDENT =
            "keepalive-idle=37s,keepalive-interval=9s,keepalive-count=3,user-timeout=20s";

    private static final String FOREIGN_SELECTORS = "-Djava.nio.channels.spi.SelectorProvider=com.example.Provider";

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);
    private static final String TOPIC = "orders";

    @TempDir
    private static Path temporary;

    private static SharedLab labs;
    private static String kafka;
    private static int kafkaPort;
    private static ServerSocket elsewhere;

    /** The launcher alone is on the class path of an executable fat jar. */
    private static Path launcher;

    private static Path application;

    @BeforeAll
    static void start() throws IOException {
        Ss.orSkip();
        labs = SharedLab.of(
                Lab.builder().proxies(6).idleTimeout(Duration.ofSeconds(3)).start());
        labs.lab().topics().create(TOPIC, 1);
        kafka = labs.lab().directBootstrap();
        kafkaPort = Integer.parseInt(kafka.substring(kafka.lastIndexOf(':') + 1));
        // The kernel accepts, as far as the backlog goes.
        elsewhere = new ServerSocket(0, 1000, InetAddress.getByName("127.0.0.1"));
        launcher = copyOf("launcher", FatJarLauncher.class);
        application = copyOf("application", AnyApplication.class);
    }

    @AfterAll
    static void stop() throws IOException {
        labs.close();
        elsewhere.close();
    }

    static Stream<String> versions() {
        return Stream.of(System.getProperty("agent.kafka.versions").split(","));
    }

    private static String newest() {
        return versions().toList().get(2);
    }

    /** Every version on the JDK that runs the tests, and the newest on the others. */
    static Stream<Arguments> versionsAndJdks() throws IOException {
        return Jdk.all().stream().flatMap(jdk -> versions()
                .filter(version -> jdk.equals(Jdk.own()) || version.equals(newest()))
                .map(version -> Arguments.of(version, jdk)));
    }

    @ParameterizedTest(name = "kafka-clients {0} on {1}")
    @MethodSource("versionsAndJdks")
    void kafkasSocketsAreTunedAndNoOthers(String version, Jdk jdk) throws Exception {
        Path log = temporary.resolve(version + jdk + ".log");
        ChildProcess.Builder jvm = with(agent(INCIDENT + ",log=" + log)).jdk(jdk);
        assertTuned(jvm.run(classPath(version), AnyApplication.class, applicationArguments(version)), log);
    }

    @Test
    void applicationWithItsOwnClassLoaderIsTuned() throws Exception {
        Path log = temporary.resolve("fat.log");
        assertTuned(fatJar(agent(INCIDENT + ",log=" + log)), log);
    }

    /** @param log has what the agent read back from the kernel, for each socket that it set options of */
    private static void assertTuned(ChildProcess running, Path log) throws Exception {
        try (ChildProcess app = running) {
            app.awaitLine("ready");

            assertKafkasSockets(app, KeepaliveAgentIT::isTuned);
            assertUntouched(app);
            assertThat(app.end()).isZero();
            assertThat(app.err())
                    .as("what the JVM and the agent print")
                    .isEqualToIgnoringNewLines("blackhole-keepalive-agent: setting keepalive=on idle=37s interval=9s"
                            + " count=3 user-timeout=20s on the sockets of Kafka clients");
        }
        assertThat(Files.readAllLines(log))
                .hasSizeGreaterThanOrEqualTo(5)
                .allMatch(line -> line.endsWith(
                        "-> 127.0.0.1:" + kafkaPort + " keepalive=on idle=37s interval=9s count=3 user-timeout=20s"));
    }

    @Test
    void keepaliveOffIsReallyOff() throws Exception {
        try (ChildProcess app = ready(with(agent("keepalive=off")), "")) {

            assertKafkasSockets(app, KeepaliveAgentIT::hasNoTimer);
            assertUntouched(app);
        }
    }

    /** Both use one mechanism, which is then started twice in one JVM; what a program says itself wins. */
    @Test
    void optionsOfTheClientItselfWinOverTheAgents() throws Exception {
        Path log = temporary.resolve("client.log");

        String arguments = "run --topic orders --idle 0s --burst-size 1 --no-refresher --keepalive on"
                + " --keepalive-idle 37s --bootstrap-server " + kafka;
        try (ChildProcess client =
                with(agent("keepalive-idle=99s,quiet=true,log=" + log)).runJar(CLIENT, arguments.split(" "))) {
            assertThat(client.end()).as(client.out() + client.err()).isZero();
            assertThat(client.err()).contains("idle=37s").doesNotContain("idle=99s");
        }

        // The client does not tune the admin client that looks for the topic; the agent does.
        assertThat(Files.readAllLines(log)).isNotEmpty().allMatch(line -> line.contains("idle=99s"));
    }

    @Test
    void unknownKafkaCausesOneWarningAndIsLeftAlone() throws Exception {
        Path properties = Files.createDirectories(temporary.resolve("kafka-5/kafka"));
        Files.writeString(properties.resolve("kafka-version.properties"), "version=5.0.0\n");

        try (ChildProcess app =
                ready(with(agent(INCIDENT + ",quiet=true")), properties.getParent() + File.pathSeparator)) {

            assertKafkasSockets(app, KeepaliveAgentIT::hasTheSystemsKeepalive);
            assertThat(app.err())
                    .isEqualToIgnoringNewLines("blackhole-keepalive-agent: warning: kafka-clients 5.0.0 is not one of"
                            + " 2.8 to 4.x; its sockets keep their options");
        }
    }

    @Test
    @EnabledForJreRange(maxVersion = 17, disabledReason = "JDK 25 does not ask os.name which timers there are")
    void systemThatIsNotLinuxGetsWhatItCanAndOneWarning() throws Exception {
        // The JDK believes the property too, and then has no timers either.
        try (ChildProcess app = ready(with(agent("quiet=true"), "-Dos.name=Unheard"), "")) {

            assertKafkasSockets(app, KeepaliveAgentIT::hasTheSystemsKeepalive);
            assertThat(app.err().lines())
                    .satisfiesExactly(
                            first -> assertThat(first).contains("user-timeout is ignored, because only Linux has it"),
                            second -> assertThat(second).contains("TCP_KEEPIDLE was not set", "(reported once)"));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("jdks")
    void invalidOptionsEndTheJvmWithOneLine(Jdk jdk) throws Exception {
        assertStops(jdk, "keepalive-idle: '37' has no unit; use 37s, 37ms or 37m", agent("keepalive-idle=37"));
        assertStops(
                jdk,
                "log=/nowhere/agent.log: can't write the file: its directory does not exist",
                agent("log=/nowhere/agent.log"));
        assertStops(
                jdk, "the JVM already has the selector provider com.example.Provider", agent(""), FOREIGN_SELECTORS);
    }

    static Stream<Jdk> jdks() throws IOException {
        return Jdk.all().stream();
    }

    /** A failure in the agent is logged once, and the application does not notice. */
    @Test
    void faultOfTheAgentLeavesTheApplicationAlone() throws Exception {
        try (ChildProcess app = fatJar(agent(INCIDENT + ",quiet=true"), "-Dhostile=true")) {
            app.awaitLine("ready");

            assertKafkasSockets(app, KeepaliveAgentIT::hasTheSystemsKeepalive);
            assertUntouched(app);
            assertThat(app.end()).isZero();
            assertThat(app.err())
                    .contains("blackhole-keepalive-agent: warning", "UnsupportedOperationException: no resources here")
                    .hasLineCount(1);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("jdks")
    void clientWithoutItsSelectorExitsWithOneLine(Jdk jdk) throws Exception {
        try (ChildProcess client = with(FOREIGN_SELECTORS).jdk(jdk).runJar(CLIENT, "--help")) {

            assertThat(client.end()).isEqualTo(1);
            assertThat(client.err())
                    .startsWith(
                            "blackhole-keepalive-agent: the JVM already has the selector provider com.example.Provider")
                    .hasLineCount(1);
            assertThat(client.out()).isEmpty();
        }
    }

    @Test
    void helpIsPrintedInPlaceOfTheApplication() throws Exception {
        try (ChildProcess app = with(agent("help")).run("" + CLASSES, AnyApplication.class)) {

            assertThat(app.end()).isZero();
            assertThat(app.out()).startsWith("Usage:").contains("keepalive-idle=DURATION", "user-timeout=DURATION|off");
            assertThat(app.err()).isEmpty();
        }
    }

    @Test
    void jarHoldsNothingButTheSocketPackage() throws IOException {
        try (JarFile jar = new JarFile(AGENT.toFile())) {
            assertThat(jar.stream().filter(entry -> !entry.isDirectory()).map(entry -> entry.getName()))
                    .allMatch(name -> name.equals(JarFile.MANIFEST_NAME) || name.startsWith("blackhole/keepalive/"))
                    .contains("blackhole/keepalive/KeepaliveAgent.class");
        }
    }

    @ParameterizedTest(name = "kafka-clients {0}")
    @MethodSource("versions")
    void producerBehindTheProxyStallsWithoutTheAgentAndDoesNotWithIt(String version) throws Exception {
        String fix = agent("keepalive-idle=1s,keepalive-interval=1s,keepalive-count=3");
        try (ChildProcess without = idleProducer(with(), version);
                ChildProcess with = idleProducer(with(fix), version)) {

            assertThat(Long.parseLong(with.awaitLine("took"))).isLessThan(REQUEST_TIMEOUT.toMillis() / 2);
            assertThat(Long.parseLong(without.awaitLine("took")))
                    .isGreaterThanOrEqualTo(REQUEST_TIMEOUT.toMillis() - 100);
        }
    }

    private static ChildProcess.Builder with(String... flags) {
        ChildProcess.Builder jvm = ChildProcess.in(temporary);
        Stream.of(flags).forEach(jvm::flag);
        return jvm;
    }

    private static ChildProcess fatJar(String... flags) throws IOException {
        Stream<String> arguments =
                Stream.of(application + File.pathSeparator + libraries(newest()), AnyApplication.class.getName());
        return with(flags)
                .run(
                        "" + launcher,
                        FatJarLauncher.class,
                        Stream.concat(arguments, Stream.of(applicationArguments(newest())))
                                .toArray(String[]::new));
    }

    private static ChildProcess idleProducer(ChildProcess.Builder jvm, String version) throws IOException {
        Share share = labs.next();
        return jvm.run(
                classPath(version),
                IdleProducerApplication.class,
                share.proxy().bootstrap(),
                share.topic(),
                "6000",
                "" + REQUEST_TIMEOUT.toMillis());
    }

    /** @param before goes before the application's class path */
    private static ChildProcess ready(ChildProcess.Builder jvm, String before) throws IOException {
        ChildProcess app = jvm.run(before + classPath(newest()), AnyApplication.class, applicationArguments(newest()));
        app.awaitLine("ready");
        return app;
    }

    private static void assertStops(Jdk jdk, String reason, String... flags) throws Exception {
        try (ChildProcess app = with(flags).jdk(jdk).run("" + CLASSES, AnyApplication.class)) {

            assertThat(app.end()).isEqualTo(1);
            assertThat(app.err())
                    .startsWith("blackhole-keepalive-agent: ")
                    .contains(reason)
                    .hasLineCount(1);
            assertThat(app.out()).isEmpty();
        }
    }

    /** The plain channel, the plain socket and Netty's have no timer; the one with keepalive has the system's 2 h. */
    private static void assertUntouched(ChildProcess app) {
        await().atMost(SOON).untilAsserted(() -> assertThat(Ss.connections(app.pids(), elsewhere.getLocalPort()))
                .hasSize(4)
                .areExactly(3, new Condition<>(KeepaliveAgentIT::hasNoTimer, "no timer"))
                .areExactly(1, new Condition<>(KeepaliveAgentIT::hasTheSystemsKeepalive, "the system's timer")));
    }

    /** Two or more connections for each of three clients: to the bootstrap address, to the node, to the coordinator. */
    private static void assertKafkasSockets(ChildProcess app, Predicate<Ss> expectation) {
        await().atMost(SOON).untilAsserted(() -> assertThat(Ss.connections(app.pids(), kafkaPort))
                .hasSizeGreaterThanOrEqualTo(5)
                .allMatch(expectation));
    }

    private static boolean isTuned(Ss socket) {
        return socket.timerKind().equals("keepalive") && socket.timerSeconds() <= 37;
    }

    private static boolean hasNoTimer(Ss socket) {
        return socket.timerKind().equals("none");
    }

    private static boolean hasTheSystemsKeepalive(Ss socket) {
        return socket.timerKind().equals("keepalive") && socket.timerSeconds() >= 6_000;
    }

    private static String agent(String arguments) {
        return "-javaagent:" + AGENT + (arguments.isEmpty() ? "" : "=" + arguments);
    }

    private static String[] applicationArguments(String version) {
        Stream<String> arguments = Stream.of(kafka, TOPIC, "" + elsewhere.getLocalPort());
        // Kafka 4's new consumer makes its network client on a thread of its own.
        return Stream.concat(arguments, Stream.of("consumer").filter(protocol -> version.startsWith("4")))
                .toArray(String[]::new);
    }

    private static String classPath(String version) throws IOException {
        return CLASSES + File.pathSeparator + libraries(version);
    }

    /** This version of kafka-clients, and slf4j and Netty of other versions than the agent's project has. */
    private static String libraries(String version) throws IOException {
        try (Stream<Path> kafkas = Files.list(Path.of("target/agent-applications/kafka-clients-" + version));
                Stream<Path> others = Files.list(Path.of("target/agent-applications/other"))) {
            return Stream.concat(kafkas, others).map(Path::toString).collect(Collectors.joining(File.pathSeparator));
        }
    }

    private static Path copyOf(String directory, Class<?> type) throws IOException {
        String file = type.getName().replace('.', '/') + ".class";
        Path copy = temporary.resolve(directory).resolve(file);
        Files.createDirectories(copy.getParent());
        Files.copy(CLASSES.resolve(file), copy, StandardCopyOption.REPLACE_EXISTING);
        return temporary.resolve(directory);
    }
}
