package blackhole.middlebox.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Profiles by name. Immutable. */
public final class Profiles {
    /** The largest edit distance at which a name is suggested for a misspelt one. */
    private static final int MAX_TYPOS = 3;

    private static final Profiles BUILT_IN = new Profiles(Map.of()).with(BuiltInProfiles.ALL);

    private final Map<String, Profile> byName;

    private Profiles(Map<String, Profile> byName) {
        this.byName = byName;
    }

    /** Returns the built-in profiles. */
    public static Profiles builtIn() {
        return BUILT_IN;
    }

    /** Returns these profiles and {@code more}, which replace those of the same name. */
    public Profiles with(List<Profile> more) {
        Map<String, Profile> all = new LinkedHashMap<>(byName);
        more.forEach(profile -> all.put(profile.name(), profile));
        return new Profiles(all);
    }

    /** Returns all profiles, the built-in ones first. */
    public Collection<Profile> all() {
        return List.copyOf(byName.values());
    }

    /** @throws UsageException if there is no such profile; the message lists the names */
    public Profile get(String name) {
        Profile profile = byName.get(name);
        if (profile == null) {
            String hint =
                    nearest(name).map(near -> "did you mean " + near + "? ").orElse("");
            throw new UsageException(
                    "profile",
                    "'" + name + "' is unknown; " + hint + "available: " + String.join(", ", byName.keySet()));
        }
        return profile;
    }

    private Optional<String> nearest(String name) {
        return byName.keySet().stream()
                .filter(candidate -> name.length() > 2 && candidate.contains(name))
                .findFirst()
                .or(() -> byName.keySet().stream()
                        .filter(candidate -> distance(candidate, name) <= MAX_TYPOS)
                        .min(Comparator.comparingInt(candidate -> distance(candidate, name))));
    }

    /** The Levenshtein distance. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
