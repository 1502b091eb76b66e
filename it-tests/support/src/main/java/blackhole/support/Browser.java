package blackhole.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** The installed Chromium, headless. Downloads nothing; tests that need it are skipped if it is missing. */
public final class Browser implements AutoCloseable {
    public static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final File CHROMIUM = new File("/usr/bin/chromium");
    private static final File DRIVER = new File("/usr/bin/chromedriver");

    private final ChromeDriver driver;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
    }

    public static boolean isInstalled() {
        return CHROMIUM.canExecute() && DRIVER.canExecute();
    }

    public static Browser start(Path profile) {
        assumeTrue(
                isInstalled(), "not installed: " + CHROMIUM + ", " + DRIVER + " (Debian: chromium, chromium-driver)");
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        logs.enable(LogType.PERFORMANCE, Level.ALL);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(CHROMIUM);
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--user-data-dir=" + profile);
        options.setCapability("goog:loggingPrefs", logs);
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(DRIVER)
                .usingAnyFreePort()
                .build();
        ChromeDriver driver = new ChromeDriver(service, options);
        driver.manage().window().setSize(new Dimension(1280, 800));
        Browser browser = new Browser(driver);
        // Leaves the new-tab page behind, and what it requested.
        browser.open("about:blank");
        browser.console();
        browser.requests();
        return browser;
    }

    public void open(String url) {
        driver.get(url);
    }

    public String title() {
        return driver.getTitle();
    }

    public WebElement find(String selector) {
        return driver.findElement(By.cssSelector(selector));
    }

    public List<WebElement> findAll(String selector) {
        return driver.findElements(By.cssSelector(selector));
    }

    /** Waits for an element that is shown. */
    public WebElement waitFor(String selector) {
        return await(selector).atMost(PATIENCE).ignoreExceptions().until(() -> find(selector), WebElement::isDisplayed);
    }

    /** Waits until an element's text is as wanted. */
    public void waitForText(String selector, Function<String, Boolean> wanted) {
        await(selector)
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> wanted.apply(find(selector).getText()));
    }

    public Object script(String script, Object... arguments) {
        Object answer = driver.executeScript(script, arguments);
        return answer == null ? "" : answer;
    }

    public List<Double> numbers(String script) {
        return ((List<?>) script(script))
                .stream().map(number -> ((Number) number).doubleValue()).toList();
    }

    private Object waitForScript(String script, Object... arguments) {
        driver.manage().timeouts().scriptTimeout(Duration.ofSeconds(60));
        return Objects.requireNonNull(
                driver.executeAsyncScript(script, arguments), "each script calls done with a value");
    }

    public void colours(String scheme) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    public void size(int width, int height) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    /** The whole page, not only what the window shows. */
    public void screenshot(Path file, String media, String scheme) throws IOException {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("media", media, "features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
        write(file, "Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
    }

    public void pdf(Path file) throws IOException {
        write(file, "Page.printToPDF", Map.of("preferCSSPageSize", true, "printBackground", true));
    }

    private void write(Path file, String command, Map<String, Object> parameters) throws IOException {
        Object data = driver.executeCdpCommand(command, parameters).get("data");
        Files.write(file, Base64.getDecoder().decode((String) data));
    }

    /** Serious accessibility violations that axe-core finds; needs axe.min.js on the class path. */
    public List<String> barriers() throws IOException {
        try (InputStream axe = Browser.class.getResourceAsStream("/axe.min.js")) {
            assertThat(axe).as("axe.min.js on the class path").isNotNull();
            driver.executeScript(new String(axe.readAllBytes(), StandardCharsets.UTF_8));
        }
        Object found = waitForScript("""
                const done = arguments[0];
                axe.run(document, {resultTypes: ["violations"]}).then((result) => done(result.violations
                    .filter((one) => one.impact === "serious" || one.impact === "critical")
                    .map((one) => one.id + ": " + one.nodes.map((node) => node.html + " " + node.failureSummary).join(" | "))));
                """);
        return ((List<?>) found).stream().map(String::valueOf).toList();
    }

    /** Warnings and errors on the console since the last call. */
    public List<String> complaints() {
        return log(LogType.BROWSER)
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(LogEntry::getMessage)
                .toList();
    }

    /** Everything on the console since the last call. */
    public List<String> console() {
        return log(LogType.BROWSER).map(LogEntry::getMessage).toList();
    }

    /** The URLs requested since the last call, the page's own among them. */
    public List<String> requests() {
        return log(LogType.PERFORMANCE)
                .map(LogEntry::getMessage)
                .filter(message -> message.contains("\"Network.requestWillBeSent\""))
                .map(message -> message.replaceFirst("(?s).*\"request\":\\{.*?\"url\":\"([^\"]*)\".*", "$1"))
                .toList();
    }

    private Stream<LogEntry> log(String type) {
        return driver.manage().logs().get(type).getAll().stream();
    }

    @Override
    public void close() {
        driver.quit();
    }
}
