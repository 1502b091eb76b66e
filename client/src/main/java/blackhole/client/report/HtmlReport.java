package blackhole.client.report;

import blackhole.client.evidence.SocketRow;
import blackhole.client.evidence.TableText;
import blackhole.client.scenario.ScenarioException;
import blackhole.client.scenario.Secrets;
import blackhole.keepalive.SocketOptions;
import blackhole.keepalive.Times;
import io.pebbletemplates.pebble.PebbleEngine;
import io.pebbletemplates.pebble.loader.ClasspathLoader;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.ResourceBundle;

/**
 * A run or a comparison as one self-contained HTML file. It contains its styles, its data and the chart library (D3, ISC
 * licence), and a content security policy forbids it to load anything. Only the charts need scripts.
 */
public final class HtmlReport {

    private static final String HERE = "blackhole/client/report/";

    private static final PebbleEngine TEMPLATES = new PebbleEngine.Builder()
            .loader(new ClasspathLoader())
            .strictVariables(true)
            .defaultLocale(Locale.ROOT)
            .build();

    private HtmlReport() {}

    /** Returns the report of one run. */
    public static String of(RunRecord run) {
        return of(HERE + "report.peb", "Run: " + run.report().verdict(), List.of(run), Map.of());
    }

    /**
     * Returns the report of several runs.
     *
     * @param template on the class path; extends {@code report.peb}
     * @param title of the page
     * @param runs in the order to show
     * @param more variables of the template
     */
    public static String of(String template, String title, List<RunRecord> runs, Map<String, Object> more) {
        String d3 = ResourceBundle.getBundle("blackhole.client.report.versions").getString("d3");
        Map<String, Object> variables = new HashMap<>(more);
        variables.put("title", title);
        variables.put("runs", runs);
        variables.put("text", new Text());
        variables.put("css", resource(HERE + "report.css"));
        variables.put("d3Version", d3);
        variables.put("d3", resource("META-INF/resources/webjars/d3/" + d3 + "/dist/d3.min.js"));
        variables.put("js", resource(HERE + "report.js"));
        variables.put("data", script(JsonReport.of(runs)));
        StringWriter page = new StringWriter();
        try {
            TEMPLATES.getTemplate(template).evaluate(page, variables);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return page.toString();
    }

    /**
     * Writes a page to a file in an existing directory.
     *
     * @throws ScenarioException if it can't be written
     */
    public static void write(String page, Path file) {
        try {
            Files.writeString(file, page, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new ScenarioException("--report " + file + ": can't be written: " + e, e);
        }
    }

    /** Escapes JSON for a script element, which ends at {@code </script>} even inside a JSON string. */
    private static String script(String json) {
        return json.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e");
    }

    private static String resource(String name) {
        try (InputStream in = HtmlReport.class.getResourceAsStream("/" + name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The texts that the templates call for. */
    public static final class Text {

        private Text() {}

        public String time(Duration time) {
            return Times.text(time);
        }

        public List<String> header() {
            return TableText.header();
        }

        public List<String> cells(SocketRow row) {
            return TableText.cells(row);
        }

        public String options(SocketOptions options) {
            return TableText.options(options);
        }

        public Map<String, String> masked(Map<String, String> properties) {
            return new Secrets().convert(properties);
        }
    }
}
