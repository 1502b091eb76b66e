package blackhole.fidelity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where the proxy is known to differ from a real NAT.
 *
 * @param headings the differences; docs/limits.md explains each
 * @param lines everything by which they show in the cases, as {@code CASE | PLACE | NAT | PROXY}
 */
record KnownDifferences(List<String> headings, Set<String> lines) {
    private static final Path FILE = Path.of("src/test/resources/known-differences.txt");
    private static final String HEADING = "## ";

    static KnownDifferences read() throws IOException {
        List<String> all = Files.readAllLines(FILE);
        return new KnownDifferences(
                all.stream()
                        .filter(line -> line.startsWith(HEADING))
                        .map(line -> line.substring(HEADING.length()))
                        .toList(),
                all.stream()
                        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                        .collect(Collectors.toSet()));
    }

    boolean hasNone(Case played) {
        return lines.stream().noneMatch(played::isOf);
    }
}
