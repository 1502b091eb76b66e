package blackhole.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.client.compare.Comparison;
import blackhole.client.compare.ComparisonListener;
import blackhole.client.compare.ComparisonReport;
import blackhole.client.compare.NamedRun;
import blackhole.client.compare.Variant;
import blackhole.client.evidence.RunEvent;
import blackhole.client.report.HtmlReport;
import blackhole.client.report.JsonReport;
import blackhole.client.report.ProxyEvents;
import blackhole.client.report.RunRecord;
import blackhole.client.scenario.Round;
import blackhole.client.scenario.Scenario;
import blackhole.client.scenario.ScenarioListener;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.scenario.Verdict;
import blackhole.keepalive.SocketOptions;
import blackhole.lab.Lab;
import blackhole.lab.WatchedProxy;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.flow.FlowEvent.FlowOpened;
import blackhole.proxy.http.AdminServer;
import blackhole.support.Browser;
import blackhole.support.OwnThread;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;

/**
 * A producer that stalls, and five that are compared, at the same time: their results and reports. In a real browser every
 * section is filled, nothing is on the console and nothing is fetched; the JSON is as documented; and nothing secret is in
 * either.
 */
@Execution(ExecutionMode.CONCURRENT)
@Tag("broker")
@Tag("browser")
@Tag("slow")
class ReportIT {

    private static final Path TARGET = Path.of("target", "evidence");
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration IDLE = Duration.ofSeconds(5);
    private static final String SECRET = "hunter2-4711";

    /** With one broker the refresher's request can only go where the produce requests go, so that flow is kept. */
    private static final Map<String, Verdict> EXPECTED = Map.of(
            "keepalive off", Verdict.STALLED,
            "keepalive on", Verdict.IMMEDIATE,
            "user timeout only", Verdict.RECOVERED,
            "refresher", Verdict.IMMEDIATE,
            "max idle", Verdict.IMMEDIATE);

    private static RunRecord stalled;
    private static ComparisonReport comparison;
    private static List<FlowOpened> flowsOfComparison;

    @TempDir
    private Path profile;

    @BeforeAll
    static void play() throws Exception {
        Files.createDirectories(TARGET);
        try (Lab lab = Lab.builder().proxies(2).idleTimeout(IDLE_TIMEOUT).start();
                AdminServer admin = AdminServer.start(lab.proxy().proxy(), Endpoint.parseListen("0"), null);
                ProxyEvents events = ProxyEvents.listen(
                        URI.create("http://127.0.0.1:" + admin.endpoint().port()), null)) {
            WatchedProxy second = lab.proxies().get(1);
            Future<ComparisonReport> compared = OwnThread.call(() -> Comparison.run(
                    Variant.defaults(IDLE_TIMEOUT), settings(second, "compared"), ComparisonListener.NONE));

            ScenarioReport report = Scenario.run(settings(lab.proxy(), "stalled"), ScenarioListener.NONE);

            assertThat(report.verdict()).isEqualTo(Verdict.STALLED);
            stalled = events.addTo(RunRecord.of("stall", report));
            comparison = compared.get();
            flowsOfComparison = second.events(FlowOpened.class);
        }
    }

    private static ScenarioSettings settings(WatchedProxy proxy, String topic) {
        return ScenarioSettings.builder(proxy.bootstrap(), topic)
                .createTopic(3)
                .burstSize(20)
                .idle(IDLE)
                .requestTimeout(Duration.ofSeconds(6))
                // Not used by a PLAINTEXT client, and never to be seen.
                .producerProperty("ssl.keystore.password", SECRET)
                .producerProperty("sasl.jaas.config", "some.Module required password=\"" + SECRET + "\";")
                .producerProperty("my.own.api.secret", SECRET)
                .producerProperty("client.id", "<script>alert('escaped?')</script>")
                .socketOptions(SocketOptions.OFF)
                .build();
    }

    @Test
    void eachVariantHasItsVerdictAndAllTakeAsLongAsTheSlowest() {
        assertThat(comparison.variants().stream().collect(Collectors.toMap(NamedRun::name, ReportIT::verdict)))
                .isEqualTo(EXPECTED);
        assertThat(comparison.isAsExpected()).isTrue();
        assertThat(refreshes())
                .as("refreshes, each %s for %s", IDLE_TIMEOUT.multipliedBy(2).dividedBy(7), IDLE)
                .isBetween(3, 8);
        assertThat(flowsOfNoProducer())
                .as("one look for the topic, and not one for each variant")
                .isLessThan(EXPECTED.size());
        List<Duration> lengths = runs().map(run -> run.evidence().length()).toList();
        Duration slowest = Collections.max(lengths);
        Duration oneAfterTheOther = lengths.stream().reduce(Duration.ZERO, Duration::plus);
        assertThat(comparison.elapsed())
                .isBetween(slowest, slowest.plusSeconds(8))
                .isLessThan(oneAfterTheOther.multipliedBy(2).dividedBy(3));
    }

    private static int refreshes() {
        return comparison.variants().stream()
                .filter(named -> named.name().equals("refresher"))
                .flatMap(named -> Objects.requireNonNull(named.run(), named::failure).report().rounds().stream())
                .mapToInt(Round::metadataRefreshes)
                .sum();
    }

    private static long flowsOfNoProducer() {
        Set<Integer> ports = runs().flatMap(run -> run.sockets().stream())
                .map(socket -> socket.local().getPort())
                .collect(Collectors.toSet());
        return flowsOfComparison.stream()
                .filter(opened -> !ports.contains(opened.client().getPort()))
                .count();
    }

    private static Stream<ScenarioReport> runs() {
        return comparison.variants().stream()
                .flatMap(variant -> Stream.ofNullable(variant.run()))
                .map(RunRecord::report);
    }

    private static Verdict verdict(NamedRun variant) {
        return Objects.requireNonNull(variant.run(), variant::failure).report().verdict();
    }

    @Test
    void reportOfARunIsFilledAndNeedsNothingElse() throws Exception {
        try (Browser browser = Browser.start(profile)) {
            Path page = TARGET.resolve("run.html");
            HtmlReport.write(HtmlReport.of(stalled), page);

            browser.open(page.toUri().toString());

            assertThat(stalled.events()).extracting(RunEvent::kind).contains(RunEvent.Kind.TIMER);
            assertThat(browser.title()).isEqualTo("Run: STALLED");
            assertFilled(browser, 1);
            assertThat(browser.findAll("svg .retransmission")).hasSizeGreaterThan(4);
            assertThat(browser.findAll("svg .lane .expired")).hasSize(2);
            assertThat(browser.findAll("svg .lane"))
                    .hasSize(stalled.report().evidence().sockets().size());
            assertThat(browser.findAll("svg circle.STALLED")).isNotEmpty();
            assertThat(browser.find(".settings").getText()).contains("<script>alert", "sasl.jaas.config", "(hidden)");
            shots(browser, "run");
            assertNoComplaintsOrRequests(browser, page);
        }
    }

    @Test
    void reportOfAComparisonShowsEveryVariantSideBySide() throws Exception {
        try (Browser browser = Browser.start(profile)) {
            Path page = TARGET.resolve("compare.html");
            HtmlReport.write(comparison.html(), page);

            browser.open(page.toUri().toString());

            assertFilled(browser, 5);
            List<WebElement> rows = browser.findAll("#comparison tbody tr");
            assertThat(rows).hasSize(5);
            assertThat(rows.get(0).getText()).contains("keepalive off", "STALLED");
            assertThat(rows.get(3).getText()).contains("refresher", "chooses at random");
            assertThat(browser.findAll("#comparison svg circle.IMMEDIATE")).hasSizeGreaterThanOrEqualTo(6);
            shots(browser, "compare");
            assertNoComplaintsOrRequests(browser, page);
        }
    }

    @Test
    void proxyTellsWhenItExpiredTheSocketsFlows() {
        assertThat(stalled.events())
                .filteredOn(event ->
                        event.kind() == RunEvent.Kind.PROXY && event.text().startsWith("flow-expired"))
                .extracting(RunEvent::socket)
                .containsExactlyInAnyOrder(1, 2);
    }

    @Test
    void jsonIsWhatItsSchemaPromises() {
        assertThat(ReportSchema.violations(JsonReport.of(stalled))).isEmpty();
        assertThat(ReportSchema.violations(JsonReport.of(comparison))).isEmpty();
        assertThat(ReportSchema.violations("{\"kind\": \"run\"}")).isNotEmpty();
    }

    @Test
    void noSecretIsInAnyReport() {
        List<String> all =
                List.of(HtmlReport.of(stalled), comparison.html(), JsonReport.of(stalled), JsonReport.of(comparison));

        assertThat(all)
                .allSatisfy(text -> assertThat(text).doesNotContain(SECRET).contains("sasl.jaas.config"));
    }

    private static void assertFilled(Browser browser, int runs) {
        List<WebElement> articles = browser.findAll("article");
        assertThat(articles).hasSize(runs);
        for (WebElement article : articles) {
            for (String section : List.of("verdict", "probes", "timeline", "settings", "sockets", "events")) {
                assertThat(article.findElement(By.className(section)).getText())
                        .as(section)
                        .hasSizeGreaterThan(60);
            }
            assertThat(article.findElements(By.cssSelector(".chart svg"))).hasSize(2);
            assertThat(article.findElements(By.cssSelector(".sockets tbody tr")))
                    .hasSizeGreaterThanOrEqualTo(3);
            assertThat(article.findElement(By.className("sockets")).getText())
                    .contains("after the burst", "in the middle of the idle time", "after the probe")
                    .contains("bootstrap/metadata", "node 1, leads 0 1 2", "ESTAB")
                    .doesNotContain("unknown");
        }
    }

    private static void shots(Browser browser, String name) throws Exception {
        browser.screenshot(TARGET.resolve(name + "-light.png"), "screen", "light");
        browser.screenshot(TARGET.resolve(name + "-dark.png"), "screen", "dark");
        browser.screenshot(TARGET.resolve(name + "-print.png"), "print", "light");
        browser.pdf(TARGET.resolve(name + ".pdf"));
        assertThat(Files.size(TARGET.resolve(name + "-light.png"))).isGreaterThan(50_000);
        assertThat(TARGET.resolve(name + "-dark.png")).isNotEmptyFile();
    }

    private static void assertNoComplaintsOrRequests(Browser browser, Path page) {
        assertThat(browser.console()).isEmpty();
        assertThat(browser.requests())
                .contains(page.toUri().toString().replace("file:/target", "file:///target"))
                .allMatch(url -> url.startsWith("file:///") || url.startsWith("data:"));
    }
}
