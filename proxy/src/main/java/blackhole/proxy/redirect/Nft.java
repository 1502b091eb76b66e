package blackhole.proxy.redirect;

import blackhole.middlebox.config.UsageException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Runs {@code nft}. */
public final class Nft {
    /** A user's PATH often lacks /usr/sbin. */
    private static final List<String> PLACES = List.of("/usr/sbin/nft", "/sbin/nft");

    private Nft() {}

    /** @throws UsageException if nft is missing, or it or the kernel refuses */
    public static void apply(String script) {
        run(script, "-f", "-");
    }

    /** Returns the names of the {@code inet} tables that start with {@code prefix}. */
    public static List<String> tables(String prefix) {
        return run("", "list", "tables", "inet")
                .lines()
                .map(line -> line.replaceFirst("^table inet ", "").strip())
                .filter(name -> name.startsWith(prefix))
                .toList();
    }

    private static String run(String input, String... arguments) {
        List<String> command = new ArrayList<>(List.of(nft()));
        command.addAll(List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try (OutputStream in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new UsageException(explain(output));
            }
            return output;
        } catch (IOException e) {
            throw new UsageException("can't run nft: " + e.getMessage() + "; install the package nftables");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while nft was running", e);
        }
    }

    private static String nft() {
        return PLACES.stream()
                .filter(place -> Files.isExecutable(Path.of(place)))
                .findFirst()
                .orElse("nft");
    }

    /** Explains what nft printed when it failed. */
    static String explain(String output) {
        String problem = Stream.of(output.split("\\R")).findFirst().orElse("").replaceFirst("^\\S*:?.*Error: ", "");
        if (output.contains("not permitted") || output.contains("Permission denied")) {
            return "nft rules need root or CAP_NET_ADMIN: " + problem + "; run this with sudo";
        }
        if (output.contains("not supported") || output.contains("No such file or directory")) {
            return "the kernel can't redirect connections: " + problem
                    + "; load its modules with: modprobe -a nf_tables nft_chain_nat nft_redir";
        }
        return "nft failed: " + problem;
    }
}
