package blackhole.client.report;

import blackhole.client.compare.NamedRun;
import blackhole.client.evidence.CloseText;
import blackhole.client.evidence.RunEvent;
import blackhole.client.evidence.SocketTable;
import blackhole.client.evidence.TableText;
import blackhole.client.evidence.Times;
import blackhole.client.scenario.Probe;
import blackhole.client.scenario.Round;
import blackhole.client.scenario.ScenarioException;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.ScenarioSettings;
import blackhole.client.scenario.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;

/**
 * A run or a comparison as one HTML file that needs nothing else: styles, data, and the chart library (D3, ISC licence) are
 * in it, and a content security policy forbids it to load anything. All but the charts can be read without scripts.
 */
public final class HtmlReport {

    private static final String HERE = "/blackhole/client/report/";
    private static final int SHOWN_EVENTS = 400;

    private final Html html = new Html();

    private HtmlReport() {}

    /** One run. */
    public static String of(RunRecord run) {
        HtmlReport page = new HtmlReport();
        page.head("Run: " + run.report().verdict());
        page.run(run, "run");
        page.tail(JsonReport.text(List.of(JsonReport.document(run))));
        return page.html.toString();
    }

    /**
     * Several variants, side by side and then one after the other.
     *
     * @param variants in the order to show
     * @param elapsed for all of them together
     */
    public static String of(List<NamedRun> variants, Duration elapsed) {
        HtmlReport page = new HtmlReport();
        page.head("Comparison of " + variants.size() + " producers");
        page.comparison(variants, elapsed);
        List<Map<String, ?>> documents = new ArrayList<>();
        for (NamedRun variant : variants) {
            variant.run().ifPresent(run -> {
                page.run(run, "run" + documents.size());
                documents.add(JsonReport.document(run));
            });
        }
        page.tail(JsonReport.text(documents));
        return page.html.toString();
    }

    /**
     * Writes a page to a file, whose directory must be there.
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

    private void head(String title) {
        html.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">");
        html.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:;"
                + " style-src 'unsafe-inline'; script-src 'unsafe-inline'\">");
        html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        html.raw("<meta name=\"color-scheme\" content=\"light outage\">");
        // Or a browser asks for a favicon, which would be the file's only request.
        html.raw("<link rel=\"icon\" href=\"data:,\">");
        html.text("title", title);
        html.raw("<style>").raw(resource(HERE + "report.css")).raw("</style>\n</head>\n<body>");
        html.raw("<header>").text("h1", title).raw("</header>");
    }

    private void tail(String data) {
        html.raw("<footer>")
                .text(
                        "p",
                        "Written by blackhole-client. The charts are drawn by D3 " + d3Version()
                                + ", ISC licence, copyright Mike Bostock, which is part of this file.")
                .raw("</footer>");
        html.raw("<script type=\"application/json\" id=\"data\">")
                .raw(Html.script(data))
                .raw("</script>");
        html.raw("<script>").raw(resource(d3())).raw("</script>");
        html.raw("<script>").raw(resource(HERE + "report.js")).raw("</script>\n</body>\n</html>");
    }

    private void comparison(List<NamedRun> variants, Duration elapsed) {
        html.raw("<section id=\"comparison\">");
        html.text(
                "p",
                "lead",
                "The same scenario, played by " + variants.size()
                        + " producers at the same time against the same address." + " All together took "
                        + Times.text(elapsed) + ".");
        html.raw("<div class=\"wide\"><table><thead>")
                .row(
                        "th",
                        List.of("Variant", "Verdict", "Slowest probe", "Expected", "What it changes", "What was seen"))
                .raw("</thead><tbody>");
        for (NamedRun variant : variants) {
            html.raw("<tr>").text("th", variant.name()).raw("<td>");
            variant.run().ifPresentOrElse(run -> badge(run.report().verdict()), () -> html.text("b", "not played"));
            html.raw("</td>");
            html.text(
                    "td",
                    variant.run().map(run -> Times.text(slowest(run.report()))).orElse(""));
            String expected = variant.expected().verdict().map(Verdict::name).orElse("anything");
            html.text(
                    "td",
                    expected + (variant.asExpected() ? "" : ", which it was not") + ": "
                            + variant.expected().because());
            html.text("td", variant.about());
            html.text(
                    "td",
                    variant.run().map(HtmlReport::seen).or(variant::failure).orElse(""));
            html.raw("</tr>");
        }
        html.raw("</tbody></table></div>");
        html.text("h2", "Latency of every message, on a logarithmic scale");
        html.raw("<div class=\"chart\" data-chart=\"comparison\"></div></section>");
    }

    private void run(RunRecord run, String id) {
        ScenarioReport report = run.report();
        html.raw("<article id=\"" + id + "\">");
        html.raw("<section class=\"verdict\"><h2>").raw(Html.escape(run.name()) + " ");
        badge(report.verdict());
        html.raw("</h2>").text("p", "lead", run.diagnosis().summary());
        report.bypass().ifPresent(bypass -> html.text("p", "warning", bypass));
        report.warnings().forEach(warning -> html.text("p", "warning", warning));
        html.text("h3", "What it means").items(run.diagnosis().explanation());
        html.text("h3", "What to change");
        if (run.diagnosis().advice().isEmpty()) {
            html.text("p", "Nothing.");
        } else {
            html.items(run.diagnosis().advice());
        }
        html.raw("</section>");
        html.raw("<section class=\"probes\">").text("h3", "Each probe beside the burst, on a logarithmic scale");
        html.raw("<div class=\"chart\" data-chart=\"latency\"></div>");
        html.table(
                List.of("Round", "Message", "Verdict", "Time", "Connections that ended meanwhile", "New connections"),
                probes(report));
        html.raw("</section>");
        html.raw("<section class=\"timeline\">").text("h3", "The life of each socket");
        html.raw("<div class=\"chart\" data-chart=\"timeline\"></div></section>");
        html.raw("<section class=\"settings\">").text("h3", "Settings").raw("<dl>");
        settings(report).forEach((name, value) -> html.text("dt", name).text("dd", value));
        html.raw("</dl></section>");
        html.raw("<section class=\"sockets\">").text("h3", "Sockets, as the kernel had them");
        report.evidence().tables().forEach(this::sockets);
        html.raw("</section>");
        events(run.events());
        html.raw("</article>");
    }

    private void sockets(SocketTable table) {
        html.text(
                "h4",
                "Round " + table.round() + ", " + Times.text(table.at()) + ": "
                        + table.moment().text());
        html.table(
                TableText.header(), table.rows().stream().map(TableText::cells).toList());
        table.unknownBecause().ifPresent(reason -> html.text("p", "warning", "? is unknown, because " + reason));
    }

    private void events(List<RunEvent> events) {
        html.raw("<section class=\"events\">").text("h3", "What happened to the sockets");
        List<List<String>> rows = events.stream()
                .limit(SHOWN_EVENTS)
                .map(event -> List.of(
                        Times.text(event.at()),
                        "#" + event.socket(),
                        event.kind().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        event.text()))
                .toList();
        html.table(List.of("At", "Socket", "What", ""), rows);
        if (events.size() > SHOWN_EVENTS) {
            html.text("p", "And " + (events.size() - SHOWN_EVENTS) + " more, which are in the JSON.");
        }
        html.raw("</section>");
    }

    /** That all went well is said by the verdict; why it did is what differs. */
    private static String seen(RunRecord run) {
        boolean well = run.report().verdict() == Verdict.IMMEDIATE;
        return well ? run.diagnosis().explanation().get(0) : run.diagnosis().summary();
    }

    private void badge(Verdict verdict) {
        html.raw("<span class=\"badge " + verdict.name() + "\">" + verdict.name() + "</span>");
    }

    private static List<List<String>> probes(ScenarioReport report) {
        List<List<String>> rows = new ArrayList<>();
        for (Round round : report.rounds()) {
            rows.add(List.of(
                    Integer.toString(round.number()),
                    "burst of " + round.burst().messages(),
                    "",
                    "slowest " + Times.text(round.burst().slowest()),
                    "",
                    ""));
            for (Probe probe : round.probes()) {
                rows.add(List.of(
                        Integer.toString(round.number()),
                        "probe of partition " + probe.partition(),
                        probe.verdict().name(),
                        Times.text(probe.elapsed()),
                        String.join(
                                ", ",
                                probe.ended().stream()
                                        .map(end -> end.endpoints() + " "
                                                + CloseText.endedBy(end.by()) + " after "
                                                + Times.text(end.after()))
                                        .toList()),
                        String.join(", ", probe.opened())));
            }
        }
        return rows;
    }

    private static Map<String, String> settings(ScenarioReport report) {
        ScenarioSettings settings = report.settings();
        Map<String, String> shown = new LinkedHashMap<>();
        shown.put("Started", report.evidence().startedAt().toString());
        shown.put("Took", Times.text(report.evidence().length()));
        shown.put("Bootstrap server", settings.bootstrapServers());
        shown.put(
                "Topic",
                settings.topic() + ", " + report.partitions()
                        + (report.partitions() == 1 ? " partition" : " partitions"));
        shown.put("Burst", settings.burstSize() + " messages");
        shown.put("Idle", Times.text(settings.idle()));
        shown.put("Rounds", settings.repeats() + ", " + Times.text(settings.pause()) + " apart");
        shown.put("Socket options", TableText.options(settings.socketOptions()));
        shown.put(
                "Metadata refresher", settings.refresher() ? "every " + Times.text(settings.refresherEvery()) : "off");
        shown.put("Seed", Long.toString(settings.seed()));
        shown.putAll(Secrets.masked(settings.producerProperties()));
        return shown;
    }

    private static Duration slowest(ScenarioReport report) {
        return report.rounds().stream()
                .map(Round::slowest)
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
    }

    private static String d3() {
        return "/META-INF/resources/webjars/d3/" + d3Version() + "/dist/d3.min.js";
    }

    private static String d3Version() {
        Properties versions = new Properties();
        try (InputStream in = HtmlReport.class.getResourceAsStream(HERE + "versions.properties")) {
            versions.load(in);
            return versions.getProperty("d3");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String resource(String path) {
        try (InputStream in = HtmlReport.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException(path + " is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
