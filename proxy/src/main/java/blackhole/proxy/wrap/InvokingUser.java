package blackhole.proxy.wrap;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who called sudo, or else the user that this process runs as.
 *
 * @param uid null for the one of this process
 * @param groups all group IDs, the primary one included
 * @param variables those that sudo has changed and that depend on the user
 */
public record InvokingUser(@Nullable String uid, Set<String> groups, Map<String, String> variables) {
    private static final int NAME = 0;
    private static final int HOME = 5;

    /** Reads {@code SUDO_UID} and {@code SUDO_GID}, sudo(8). */
    public static InvokingUser of(Map<String, String> environment) {
        String uid = environment.get("SUDO_UID");
        String gid = environment.get("SUDO_GID");
        return uid == null || gid == null ? current() : sudo(uid, gid);
    }

    private static InvokingUser sudo(String uid, String gid) {
        Set<String> groups = new LinkedHashSet<>(List.of(gid));
        String others = output("id", "-G", uid);
        if (others != null) {
            groups.addAll(List.of(others.strip().split(" ")));
        }
        String passwd = output("getent", "passwd", uid);
        String[] fields = passwd == null ? new String[0] : passwd.strip().split(":");
        return new InvokingUser(
                uid,
                groups,
                fields.length <= HOME
                        ? Map.of()
                        : Map.of("USER", fields[NAME], "LOGNAME", fields[NAME], "HOME", fields[HOME]));
    }

    private static InvokingUser current() {
        Set<String> groups = new LinkedHashSet<>();
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("Gid:")) {
                    groups.add(line.split("\\s+")[2]);
                } else if (line.startsWith("Groups:") && line.strip().length() > "Groups:".length()) {
                    groups.addAll(
                            List.of(line.substring("Groups:".length()).strip().split("\\s+")));
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("can't read /proc/self/status", e);
        }
        return new InvokingUser(null, groups, Map.of());
    }

    /** Returns what runs a command as this user with another primary group; the user's own groups are kept. */
    public ProcessBuilder command(int gid, List<String> command) {
        List<String> all = new ArrayList<>(List.of("setpriv", "--regid", String.valueOf(gid)));
        if (uid != null) {
            all.addAll(List.of("--reuid", uid, "--inh-caps=-all"));
        }
        all.addAll(List.of("--groups", String.join(",", groups), "--"));
        all.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(all);
        builder.environment().putAll(variables);
        return builder;
    }

    /** Returns what a program prints, or null if it is missing or fails. */
    static @Nullable String output(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? output : null;
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
