package blackhole.proxy.cli;

import blackhole.middlebox.config.UsageException;
import java.io.IOException;
import java.io.StreamTokenizer;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Checks argument files, {@code @FILE}. Picocli, which expands them, ignores what is wrong with them. */
final class ArgumentFiles {
    /** A line whose quotes are all closed; a quote in a comment doesn't count. */
    private static final Pattern CLOSED =
            Pattern.compile("(?:[^\"'#]|\"(?:\\\\.|[^\"\\\\])*+\"|'(?:\\\\.|[^'\\\\])*+')*+(?:#.*)?");

    private ArgumentFiles() {}

    /** @throws UsageException if a file can't be read, has an unclosed quote, or includes itself */
    static void check(String... arguments) {
        check(List.of(arguments), List.of());
    }

    private static void check(List<String> words, List<Path> includedBy) {
        words.stream()
                .filter(word -> word.startsWith("@") && !word.startsWith("@@"))
                .map(word -> Path.of(word.substring(1)))
                .forEach(file -> checkFile(file, includedBy));
    }

    private static void checkFile(Path file, List<Path> includedBy) {
        int first = includedBy.indexOf(file.toAbsolutePath().normalize());
        if (first >= 0) {
            String others = String.join(
                    ", ",
                    includedBy.subList(first + 1, includedBy.size()).stream()
                            .map(Path::toString)
                            .toList());
            throw mistake(file, " includes itself" + (others.isEmpty() ? "" : ", through " + others));
        }
        String text = read(file);
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (!CLOSED.matcher(lines.get(i)).matches()) {
                throw mistake(file, ", line " + (i + 1) + ": a quote is not closed; close it on the same line");
            }
        }
        List<Path> path = Stream.concat(
                        includedBy.stream(), Stream.of(file.toAbsolutePath().normalize()))
                .toList();
        check(words(text), path);
    }

    private static String read(Path file) {
        if (Files.isDirectory(file)) {
            throw mistake(file, " is a directory");
        }
        if (!Files.exists(file)) {
            throw mistake(file, " does not exist");
        }
        try {
            return Files.readString(file, Charset.defaultCharset());
        } catch (IOException e) {
            throw mistake(file, " can't be read");
        }
    }

    private static UsageException mistake(Path file, String problem) {
        return new UsageException("argument file " + file + problem);
    }

    /** Splits the text as picocli does. */
    private static List<String> words(String text) {
        StreamTokenizer tokens = new StreamTokenizer(new StringReader(text));
        tokens.resetSyntax();
        tokens.wordChars(' ', 255);
        tokens.whitespaceChars(0, ' ');
        tokens.quoteChar('"');
        tokens.quoteChar('\'');
        tokens.commentChar('#');
        List<String> words = new ArrayList<>();
        try {
            while (tokens.nextToken() != StreamTokenizer.TT_EOF) {
                words.add(tokens.sval);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return words;
    }
}
