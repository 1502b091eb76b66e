package blackhole.client.cli;

import blackhole.client.scenario.ScenarioException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The source of the environment. */
final class EnvironmentFlags {

    @Option(
            names = "--env-file",
            paramLabel = "FILE",
            description = "A .env file with the variables below: KEY=VALUE, quotes, comments, export.")
    private @Nullable Path file;

    /** @throws ScenarioException if the file can't be read */
    Environment environment() {
        Map<String, String> values = new HashMap<>(System.getenv());
        if (file != null) {
            values.putAll(EnvFile.read(file));
        }
        return new Environment(values);
    }
}
