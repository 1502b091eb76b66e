package blackhole.proxy.redirect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NftTest {
    /** What nft 1.0.6 prints on a kernel without the modules, or without permission. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/dev/stdin:3:11-16: Error: Could not process rule: No such file or directory | modprobe -a nf_tables",
                "Error: Could not process rule: Operation not supported | modprobe -a nf_tables",
                "netlink: Error: cache initialization failed: Operation not permitted | run this with sudo",
                "/dev/stdin:1:1-2: Error: syntax error, unexpected newline | nft failed: syntax error, unexpected newline",
            })
    void whatNftPrintsIsExplained(String output, String explanation) {
        assertThat(Nft.explain(output + "\nmore\n^^^^\n")).contains(explanation).doesNotContain("\n", "Error:");
    }
}
