package blackhole.junit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class JUnitPageTest {
    @Test
    void exampleOnThePageIsTheTestThatRunsHere() throws IOException {
        String page = Files.readString(Path.of("../../docs/junit.md"));
        String test = Files.readString(Path.of("src/test/java/blackhole/example/KeepaliveTest.java"));

        assertThat(page).contains("```java\n" + test + "```\n");
    }

    @Test
    void excerptInTheReadmeIsFromATestThatRunsHere() throws IOException {
        String readme = Files.readString(Path.of("../../README.md"));
        String test = Files.readString(Path.of("src/test/java/blackhole/example/KeepaliveTest.java"));
        String begin = "```java\n";
        int start = readme.indexOf(begin) + begin.length();
        String excerpt = readme.substring(start, readme.indexOf("```", start));

        assertThat(excerpt).startsWith("@RegisterExtension");
        assertThat(test).contains(excerpt.indent(4));
    }
}
