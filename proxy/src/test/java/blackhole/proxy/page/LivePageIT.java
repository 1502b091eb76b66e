package blackhole.proxy.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.flow.FlowEvent;
import blackhole.proxy.api.Limits;
import blackhole.proxy.http.AdminRig;
import blackhole.proxy.http.AdminServer;
import blackhole.support.Browser;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** The live page of a running proxy in a browser. */
@Tag("browser")
@Tag("slow")
class LivePageIT {
    private static final Duration SHORT = Duration.ofSeconds(2);
    private static final Duration LONG = Duration.ofMinutes(5);

    private static Browser browser;

    @SuppressWarnings("NullAway.Init") // start() sets it in each test.
    private AdminRig rig;

    @BeforeAll
    static void startBrowser(@TempDir Path profile) {
        browser = Browser.start(profile);
    }

    @AfterAll
    static void closeBrowser() {
        if (browser != null) {
            browser.close();
        }
    }

    @AfterEach
    void close() throws IOException {
        browser.open("about:blank");
        browser.colours("light");
        browser.complaints();
        if (rig != null) {
            rig.close();
        }
    }

    private void start(Duration idleTimeout) throws IOException {
        rig = AdminRig.start(settings -> settings.idleTimeout(idleTimeout));
        open(rig);
    }

    private static void open(AdminRig rig) {
        browser.open("http://" + rig.admin().endpoint() + "/");
        browser.waitFor("#connection[data-state=connected]");
    }

    private static String lane(long flow) {
        return ".lane[data-flow=\"" + flow + "\"]";
    }

    private static String laneIn(long flow, String state) {
        return lane(flow) + "[data-state=\"" + state + "\"]";
    }

    private static String text(String selector) {
        return browser.find(selector).getText();
    }

    private static void awaitCount(int count, String selector) {
        await().atMost(Browser.PATIENCE).until(() -> browser.findAll(selector).size() == count);
    }

    private static double seconds(String text) {
        return Double.parseDouble(text.replace(" s", ""));
    }

    @Test
    void laneCountsDown() throws IOException {
        start(Duration.ofSeconds(30));
        rig.connect().exchange();

        browser.waitForText(laneIn(1, "live") + " .value", text -> text.endsWith(" s"));
        double first = seconds(text(lane(1) + " .value"));
        browser.waitForText(lane(1) + " .value", text -> seconds(text) <= first - 1);

        assertThat(first).isBetween(10.0, 30.0);
        assertThat(text(lane(1) + " .caption")).isEqualTo("until expired");
        assertThat(text("[data-total=live]")).isEqualTo("1");
    }

    @Test
    void laneTurnsWithinASecondOfItsExpiry() throws IOException {
        Map<Long, Instant> expired = new ConcurrentHashMap<>();
        rig = AdminRig.start(settings -> settings.idleTimeout(SHORT).listener(event -> {
            if (event instanceof FlowEvent.FlowExpired) {
                expired.put(event.flowId(), event.at());
            }
        }));
        open(rig);
        browser.script("""
                window.turned = {};
                new MutationObserver(() => document.querySelectorAll(".lane[data-state=blackholed]").forEach((lane) => {
                  window.turned[lane.dataset.flow] ??= Date.now();
                })).observe(document.getElementById("list"), {subtree: true, childList: true, attributes: true});
                """);

        rig.connect().exchange();
        browser.waitFor(laneIn(1, "blackholed"));

        long turned = ((Number) browser.script("return window.turned[1]")).longValue();
        assertThat(Duration.between(expired.get(1L), Instant.ofEpochMilli(turned)))
                .isBetween(Duration.ofMillis(-1), Duration.ofSeconds(1));
    }

    @Test
    void discardedSegmentsAppearWithGrowingGaps() throws IOException {
        start(LONG);
        AdminRig.Connection connection = rig.connect();
        connection.exchange();
        rig.proxy().expire(flow -> true);

        connection.send();

        // The first gaps may be too short to show the doubling.
        List<Double> gaps =
                await().atMost(Browser.PATIENCE).until(() -> browser.numbers("""
                                return [...document.querySelectorAll(".lane .gap")]
                                    .map((gap) => Number(gap.dataset.gap)).filter((gap) => gap > 300)
                                """), found -> found.size() >= 3);
        assertThat(gaps).isSorted();
        assertThat(gaps.get(2) / gaps.get(0)).isBetween(2.5, 6.0);
        long shown = Long.parseLong(text(lane(1) + " .discarded"));
        assertThat(shown).isGreaterThan(3);
        browser.waitForText("#log", log -> log.contains("client segment 1 discarded"));
    }

    @Test
    void settingsTakeEffectOnTheNextFlow() throws IOException {
        start(LONG);
        WebElement timeout = browser.waitFor("#idleTimeout");
        assertThat(timeout.getDomProperty("value")).isEqualTo("5m");

        timeout.clear();
        timeout.sendKeys("700ms", Keys.ENTER);
        browser.waitForText("#log", log -> log.contains("idle timeout 700ms"));
        rig.connect().exchange();

        browser.waitFor(laneIn(1, "blackholed"));
        assertThat(rig.proxy().config().idleTimeout()).isEqualTo(Duration.ofMillis(700));
    }

    @Test
    void profileFillsTheForm() throws IOException {
        start(LONG);
        await().atMost(Browser.PATIENCE)
                .until(() -> browser.findAll("#profile option").size() > 10);

        browser.find("#profile option[value=aws-nlb]").click();
        assertThat(browser.find("#idleTimeout").getDomProperty("value")).isEqualTo("350s");
        assertThat(rig.proxy().config().idleTimeout()).isEqualTo(LONG);
        browser.find("#apply").click();

        browser.waitForText("#log", log -> log.contains("idle timeout 350s, on expiry reset-client"));
    }

    @Test
    void healedFlowIsLiveAgain() throws IOException {
        start(LONG);
        AdminRig.Connection connection = rig.connect();
        connection.exchange();
        browser.waitFor(laneIn(1, "live"));

        browser.find(lane(1) + " [data-action=expire]").click();
        browser.waitFor(laneIn(1, "blackholed"));
        browser.find(lane(1)).sendKeys("h");
        browser.waitFor(laneIn(1, "live"));

        connection.exchange();
        browser.find(lane(1) + " [data-action=reset]").click();
        browser.waitFor(laneIn(1, "closed"));
    }

    @Test
    void outageBlackholesFlowsUntilItEnds() throws IOException {
        start(LONG);
        rig.connect().exchange();

        browser.find("#outage").click();
        browser.waitFor(laneIn(1, "blackholed"));
        assertThat(rig.proxy().hasOutage()).isTrue();
        browser.waitFor("#outage[aria-pressed=true]").click();

        browser.waitFor(laneIn(1, "live"));
    }

    @Test
    void invalidValuesAreShownBesideTheirField() throws IOException {
        start(LONG);
        WebElement timeout = browser.waitFor("#idleTimeout");

        timeout.clear();
        timeout.sendKeys("3");
        browser.find("#apply").click();

        WebElement problem = browser.waitFor("#idleTimeout-problem");
        assertThat(problem.getText()).contains("'3' has no unit; use 3s, 3ms or 3m");
        assertThat(timeout.getDomAttribute("aria-invalid")).isEqualTo("true");
        assertThat(timeout.getDomAttribute("aria-describedby")).isEqualTo("idleTimeout-problem");
        assertThat(rig.proxy().config().idleTimeout()).isEqualTo(LONG);
        browser.find("#revert").click();
        assertThat(timeout.getDomProperty("value")).isEqualTo("5m");
        assertThat(browser.findAll("#idleTimeout-problem")).isEmpty();
    }

    @Test
    void backgroundFailureIsABanner() throws IOException {
        start(LONG);
        assertThat(browser.find("#failure").isDisplayed()).isFalse();
        rig.failOnNextEvent("thrown on purpose");

        rig.connect();

        browser.waitForText("#failure", text -> text.contains("IllegalStateException: thrown on purpose"));
        assertThat(text("#failure")).startsWith("Background task failed: ");
    }

    @Test
    void pageReconnectsToARestartedProxy() throws IOException {
        Middlebox.Builder builder = Middlebox.builder().route("0=none").idleTimeout(LONG);
        Endpoint admin;
        try (Middlebox proxy = builder.start();
                AdminServer server = AdminServer.start(proxy, Endpoint.parseListen("0"), null);
                Socket flow =
                        new Socket(proxy.address().getAddress(), proxy.address().getPort())) {
            admin = server.endpoint();
            browser.open("http://" + admin + "/");
            browser.waitFor(lane(1));
            assertThat(flow.isConnected()).isTrue();
        }
        browser.waitFor("#connection[data-state=lost]");
        assertThat(browser.waitFor("#broken").getText()).contains("Not connected");

        try (Middlebox proxy = builder.start();
                AdminServer server = AdminServer.start(proxy, admin, null)) {
            browser.waitFor("#connection[data-state=connected]");
            awaitCount(0, ".lane");
            try (Socket flow =
                    new Socket(proxy.address().getAddress(), proxy.address().getPort())) {
                browser.waitFor(lane(1));
                assertThat(flow.isConnected()).isTrue();
                assertThat(server.endpoint()).isEqualTo(admin);
            }
            assertThat(browser.find("#broken").isDisplayed()).isFalse();
            browser.waitForText("#log", log -> log.contains("the proxy was restarted"));
        }
    }

    @Test
    void lanesAndLogAreFiltered() throws IOException {
        start(LONG);
        AdminRig.Connection first = rig.connect();
        rig.connect(2);
        browser.waitFor(lane(3));
        rig.label(first, "<img src=x onerror=alert(1)>");

        browser.waitForText(lane(1) + " .label", "<img src=x onerror=alert(1)>"::equals);
        browser.find("body").sendKeys("/");
        browser.find("#query").sendKeys("onerror");
        awaitCount(1, ".lane");
        browser.find("#log-query").sendKeys("#2");

        browser.waitForText("#log-count", "1 event"::equals);
        assertThat(text("#log")).contains("#2").doesNotContain("#3");
        assertThat(browser.findAll("#list img, #log img")).isEmpty();
    }

    private static String named(String name) {
        return ".named[data-name=\"" + name + "\"]";
    }

    @Test
    void statusOfEachNameStaysAfterItsFlowsHaveClosed() throws IOException {
        start(LONG);
        AdminRig.Connection off = rig.connect();
        AdminRig.Connection on = rig.connect();
        rig.label(off, "keepalive off: waiting 1 s");
        rig.label(on, "keepalive on: waiting 1 s");
        browser.waitForText(named("keepalive off") + " .what", "waiting 1 s"::equals);
        rig.proxy().expire(flow -> flow.id() == 1);
        off.send();
        browser.waitForText("[data-total=discarded]", text -> Integer.parseInt(text) > 0);

        rig.label(off, "keepalive off: STALLED 20 s, on a new connection");
        rig.label(on, "keepalive on: IMMEDIATE 0.02 s");
        rig.proxy().reset(flow -> true);
        awaitCount(0, ".lane");

        assertOutcomes();
        open(rig);
        assertOutcomes();
    }

    private static void assertOutcomes() {
        browser.waitFor(named("keepalive off") + "[data-state=closed]");
        browser.waitFor(named("keepalive on") + "[data-state=closed]");
        assertThat(browser.findAll(".named")).hasSize(2);
        assertThat(text(named("keepalive off"))).contains("STALLED 20 s\non a new connection\n1 flow, 1 expired, ");
        assertThat(text(named("keepalive on")))
                .contains("IMMEDIATE 0.02 s\n1 flow, none expired, 0 segments discarded");
        assertThat(browser.find(named("keepalive off")).getRect().getY())
                .isEqualTo(browser.find(named("keepalive on")).getRect().getY());
    }

    @Test
    void namesUpdatedLastAreKept() throws IOException {
        start(LONG);
        AdminRig.Connection first = rig.connect();
        for (int i = 0; i < 14; i++) {
            rig.label(i == 0 ? first : rig.connect(), "worker " + i + ": idle");
        }
        browser.waitFor(named("worker 13"));
        assertThat(browser.findAll(".named")).hasSize(12);
        assertThat(browser.findAll(named("worker 0"))).isEmpty();

        rig.label(first, "worker 13: busy");
        browser.waitForText(named("worker 13") + " .sums", text -> text.startsWith("2 flows"));

        rig.json("PUT", "/api/v1/flows/label?client=127.0.0.1", "{\"label\": null}")
                .ok();
        awaitCount(0, ".named");
    }

    @Test
    void pageAsksForTheToken() throws IOException {
        rig = AdminRig.start(settings -> settings, "secret", Limits.DEFAULT);
        browser.open("http://" + rig.admin().endpoint() + "/");

        browser.waitFor("#token").sendKeys("wrong", Keys.ENTER);
        browser.waitForText("#token-problem", text -> text.contains("Wrong token"));
        browser.waitFor("#token").sendKeys("secret", Keys.ENTER);

        browser.waitFor("#connection[data-state=connected]");
        rig.connect();
        browser.waitFor(laneIn(1, "live"));
    }

    @Test
    void pageUsesNoOtherHostAndLogsNoErrors() throws IOException {
        start(SHORT);
        browser.requests();
        browser.open("http://" + rig.admin().endpoint() + "/");
        AdminRig.Connection connection = rig.connect();
        connection.exchange();
        browser.waitFor(laneIn(1, "blackholed"));
        connection.send();
        browser.waitFor(lane(1) + " .discarded");

        assertThat(browser.complaints()).isEmpty();
        assertThat(browser.requests())
                .isNotEmpty()
                .allMatch(url -> url.startsWith("http://" + rig.admin().endpoint() + "/"));
    }

    @Test
    void pageHasNoSeriousAccessibilityBarrier() throws IOException {
        start(SHORT);
        AdminRig.Connection connection = rig.connect();
        connection.exchange();
        browser.waitFor(laneIn(1, "blackholed"));
        connection.send();
        rig.label(rig.connect(), "producer: waiting, on a new connection");
        browser.waitFor(named("producer"));
        browser.find("summary").click();

        for (String scheme : List.of("light", "dark")) {
            browser.colours(scheme);
            assertThat(browser.barriers()).as(scheme).isEmpty();
        }
    }

    @Test
    void onlyVisibleFlowsAreDrawn() throws IOException {
        start(LONG);

        rig.connect(300);
        browser.waitForText("[data-total=live]", "300"::equals);

        assertThat(browser.findAll(".lane")).hasSizeBetween(1, 30);
    }
}
