package blackhole.proxy.cli;

import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Profiles;
import blackhole.middlebox.config.UsageException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which box to start from. */
final class ProfileOptions {
    @Option(
            names = "--profile",
            paramLabel = "NAME",
            description = "Play a box by its name, such as aws-nlb or linux-conntrack; the options below change what is"
                    + " theirs and leave the rest. --list-profiles shows them.")
    private @Nullable String name;

    @Option(
            names = "--profiles-file",
            paramLabel = "FILE",
            description = {
                "Read profiles of your own from a YAML file; they win over built-in ones of the same name. A profile"
                        + " is a name and the options below:",
                "  our-firewall:",
                "    idle-timeout: 30m",
                "    on-expiry: reset-sender"
            })
    private List<Path> files = List.of();

    @Option(names = "--list-profiles", description = "Print the profiles with where each is written down, and exit.")
    private boolean list;

    boolean isList() {
        return list;
    }

    /** @throws UsageException for an unknown name, or a mistake in a file */
    MiddleboxConfig middlebox() {
        if (name == null) {
            profilesOfFiles();
            return MiddleboxConfig.DEFAULT;
        }
        return profiles().get(name).middlebox();
    }

    /** A mistake in a file is worth knowing even when none of its profiles is used. */
    private void profilesOfFiles() {
        if (!files.isEmpty()) {
            profiles();
        }
    }

    private Profiles profiles() {
        Profiles profiles = Profiles.builtIn();
        for (Path file : files) {
            profiles = with(file, profiles);
        }
        return profiles;
    }

    private static Profiles with(Path file, Profiles profiles) {
        try {
            return profiles.with(file);
        } catch (UsageException e) {
            throw new UsageException("profiles-file", e.getMessage());
        }
    }

    /** @throws UsageException for a mistake in a file */
    void print(PrintWriter out) {
        ProfileTable.of(profiles().all()).forEach(out::println);
        out.flush();
    }
}
