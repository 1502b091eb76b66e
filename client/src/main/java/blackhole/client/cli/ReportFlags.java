package blackhole.client.cli;

import blackhole.client.report.HtmlReport;
import blackhole.client.report.ProxyEvents;
import blackhole.client.scenario.ScenarioException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Where the result is written, and whether it includes the proxy's events. */
final class ReportFlags {

    @Option(
            names = "--report",
            paramLabel = "FILE.html",
            description =
                    "Also write the result to this self-contained HTML file: what it means, what to change, charts, and all"
                            + " tables of sockets. It contains no secrets.")
    private @Nullable Path report;

    @Option(
            names = "--proxy-admin",
            paramLabel = "URL",
            converter = HttpUrl.class,
            description =
                    "Connect to the proxy's --admin address, such as http://127.0.0.1:8080; adds each flow's expiry time"
                            + " to the report and JSON.")
    private @Nullable URI proxyAdmin;

    @Option(
            names = "--proxy-admin-token-file",
            paramLabel = "FILE",
            description = "Send the contents of this file to --proxy-admin as a bearer token; the same as the proxy's"
                    + " --admin-token-file.")
    private @Nullable Path tokenFile;

    @Option(
            names = "--output",
            paramLabel = "text|json",
            defaultValue = "text",
            description =
                    "Print the result on standard output: lines during the run, or one JSON document at the end, as"
                            + " described by docs/report-schema.json (default: ${DEFAULT-VALUE}). The log goes to standard"
                            + " error.")
    private Output output = Output.text;

    boolean isJson() {
        return output == Output.json;
    }

    /** Returns where to print text; with JSON, standard output is only for the document. */
    PrintStream lines() {
        return isJson() ? System.err : System.out;
    }

    /** @throws ScenarioException if the report can't be written later, or the token can't be read */
    void check() {
        if (tokenFile != null && proxyAdmin == null) {
            throw new ScenarioException("--proxy-admin-token-file needs --proxy-admin");
        }
        token();
        if (report == null) {
            return;
        }
        Path directory = report.toAbsolutePath().getParent();
        if (Files.isDirectory(report) || directory == null || !Files.isDirectory(directory)) {
            throw new ScenarioException("--report " + report + ": "
                    + (Files.isDirectory(report) ? "is a directory" : "no such directory: " + directory));
        }
    }

    Optional<ProxyEvents> listen() throws InterruptedException {
        return proxyAdmin == null ? Optional.empty() : Optional.of(ProxyEvents.listen(proxyAdmin, token()));
    }

    private @Nullable String token() {
        if (tokenFile == null) {
            return null;
        }
        String token = UserFile.read("--proxy-admin-token-file", tokenFile).strip();
        if (!token.matches("[!-~]+")) {
            throw new ScenarioException(
                    "--proxy-admin-token-file " + tokenFile + ": must contain only the token, in ASCII without spaces");
        }
        return token;
    }

    /** Writes the page if a report is wanted. */
    void write(Supplier<String> page) {
        if (report != null) {
            HtmlReport.write(page.get(), report);
        }
    }

    static final class HttpUrl implements ITypeConverter<URI> {
        @Override
        public URI convert(String text) {
            try {
                URI url = new URI(text);
                if (("http".equals(url.getScheme()) || "https".equals(url.getScheme())) && url.getHost() != null) {
                    return url;
                }
            } catch (URISyntaxException notOne) {
                // Reported below.
            }
            throw new TypeConversionException("'" + text + "' is not a valid URL; use http://HOST:PORT");
        }
    }
}
