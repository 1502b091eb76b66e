package blackhole.client.cli;

import blackhole.client.scenario.ScenarioException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code .env} file: lines {@code KEY=VALUE}, comments, {@code export}, single and double quotes. If a key
 * occurs twice, the last value counts. {@code $} is not special. Messages never contain a line's text, which may be secret.
 */
final class EnvFile {

    private static final Pattern LINE = Pattern.compile("\\s*(?:export\\s+)?([A-Za-z_][A-Za-z0-9_]*)\\s*=\\s*(.*)");
    private static final Pattern SINGLE = Pattern.compile("'([^']*)'\\s*(?:#.*)?");
    private static final Pattern DOUBLE = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"\\s*(?:#.*)?");

    private EnvFile() {}

    /** @throws ScenarioException if the file can't be read or a line is malformed; the message names it */
    static Map<String, String> read(Path file) {
        Map<String, String> values = new LinkedHashMap<>();
        List<String> lines = UserFile.read("--env-file", file)
                .replaceFirst("^\uFEFF", "")
                .lines()
                .toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.isBlank() || line.stripLeading().startsWith("#")) {
                continue;
            }
            String where = "--env-file " + file + " line " + (i + 1) + ": ";
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches()) {
                throw new ScenarioException(where + "not KEY=VALUE");
            }
            values.put(matcher.group(1), value(matcher.group(2), where + matcher.group(1)));
        }
        return values;
    }

    private static String value(String text, String name) {
        Matcher quoted = SINGLE.matcher(text);
        if (quoted.matches()) {
            return quoted.group(1);
        }
        quoted = DOUBLE.matcher(text);
        if (quoted.matches()) {
            return quoted.group(1).replaceAll("\\\\(.)", "$1");
        }
        if (text.startsWith("'") || text.startsWith("\"")) {
            throw new ScenarioException(name + " has no closing quote, or something after it");
        }
        // A # starts a comment only after whitespace, because a secret may contain one.
        return text.replaceFirst("(^|\\s+)#.*", "").strip();
    }
}
