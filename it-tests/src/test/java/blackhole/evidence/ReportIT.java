package blackhole.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.client.compare.Comparison;
import blackhole.client.compare.ComparisonListener;
import blackhole.client.compare.ComparisonReport;
import blackhole.client.compare.Variant;
import blackhole.client.evidence.RunEvent;
import blackhole.client.report.HtmlReport;
import blackhole.client.report.JsonReport;
import blackhole.client.report.ProxyEvents;
import blackhole.client.report.RunRecord;
import blackhole.client.scenario.Scenario;
import blackhole.client.scenario.ScenarioListener;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.scenario.Verdict;
import blackhole.keepalive.SocketOptions;
import blackhole.lab.Lab;
import blackhole.middlebox.config.Endpoint;
import blackhole.proxy.http.AdminServer;
import blackhole.support.Browser;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;

/**
 * The reports: in a real browser every section is filled, nothing is on the console and nothing is fetched; the JSON is as
 * documented; and nothing secret is in either.
 */
@Tag("broker")
@Tag("browser")
@Tag("slow")
class ReportIT {

    private static final Path TARGET = Path.of("target", "evidence");
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(3);
    private static final String SECRET = "hunter2-4711";

    private static RunRecord stalled;
    private static ComparisonReport comparison;

    @TempDir
    private Path profile;

    @BeforeAll
    static void play() throws Exception {
        Files.createDirectories(TARGET);
        try (Lab lab = Lab.builder().idleTimeout(IDLE_TIMEOUT).start()) {
            ScenarioSettings settings = ScenarioSettings.builder(lab.bootstrap(), "orders")
                    .createTopic(3)
                    .burstSize(20)
                    .idle(Duration.ofSeconds(5))
                    .requestTimeout(Duration.ofSeconds(6))
                    // Not used by a PLAINTEXT client, and never to be seen.
                    .producerProperty("ssl.keystore.password", SECRET)
                    .producerProperty("sasl.jaas.config", "some.Module required password=\"" + SECRET + "\";")
                    .producerProperty("my.own.api.secret", SECRET)
                    .producerProperty("client.id", "<script>alert('escaped?')</script>")
                    .socketOptions(SocketOptions.OFF)
                    .build();
            try (AdminServer admin = AdminServer.start(lab.proxy().proxy(), Endpoint.parseListen("0"), null);
                    ProxyEvents events = ProxyEvents.listen(
                            URI.create("http://127.0.0.1:" + admin.endpoint().port()), null)) {
                ScenarioReport report = Scenario.run(settings, ScenarioListener.NONE);
                assertThat(report.verdict()).isEqualTo(Verdict.STALLED);
                stalled = events.addTo(RunRecord.of("stall", report));
            }
            comparison = Comparison.run(Variant.defaults(IDLE_TIMEOUT), settings, ComparisonListener.NONE);
        }
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
