package blackhole.proxy.cli;

import blackhole.middlebox.config.Durations;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Names;
import blackhole.middlebox.config.Profile;
import blackhole.middlebox.config.Profiles;
import blackhole.middlebox.config.UsageException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The profile that the settings start from. */
final class ProfileOptions {
    @Option(
            names = "--profile",
            paramLabel = "NAME",
            description = "Start from the settings of a real middlebox, such as aws-nlb or linux-conntrack; the options"
                    + " below override them. --list-profiles lists all.")
    private @Nullable String name;

    @Option(
            names = "--profiles-file",
            paramLabel = "FILE",
            description = {
                "Read your own profiles from a YAML file; they replace built-in ones of the same name. A profile is a"
                        + " name and values for the options below:",
                "  our-firewall:",
                "    idle-timeout: 30m",
                "    on-expiry: reset-sender"
            })
    private List<Path> files = List.of();

    @Option(names = "--list-profiles", description = "Print all profiles with their sources, and exit.")
    private boolean list;

    boolean isList() {
        return list;
    }

    /** @throws UsageException for an unknown name, or a mistake in a file even if none of its profiles is used */
    MiddleboxConfig config() {
        Profiles profiles = profiles();
        return name == null ? MiddleboxConfig.DEFAULT : profiles.get(name).config();
    }

    private Profiles profiles() {
        try {
            Profiles profiles = Profiles.builtIn();
            for (Path file : files) {
                profiles = profiles.with(ProfileFile.read(file));
            }
            return profiles;
        } catch (UsageException e) {
            throw new UsageException("profiles-file", e.getMessage());
        }
    }

    /** @throws UsageException for a mistake in a file */
    String table() {
        Collection<Profile> profiles = profiles().all();
        int width = profiles.stream()
                .mapToInt(profile -> profile.name().length())
                .max()
                .orElse(0);
        String row = "%-" + width + "s  %-12s  %-12s  %-19s  %-10s  %s%n";
        return row.formatted("NAME", "IDLE TIMEOUT", "ON EXPIRY", "KEEPALIVE REFRESHES", "RANGE", "SOURCE")
                + profiles.stream()
                        .map(profile -> row.formatted(
                                profile.name(),
                                Durations.format(profile.config().idleTimeout()),
                                Names.of(profile.config().onExpiry()),
                                profile.config().keepaliveRefreshes() ? "yes" : "no",
                                profile.idleTimeouts() == null ? "-" : profile.idleTimeouts(),
                                profile.source()))
                        .collect(Collectors.joining());
    }
}
