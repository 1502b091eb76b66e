package blackhole.middlebox.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Profiles by name. Immutable. The built-in ones are data in {@code profiles.yaml}, read when first asked for; a user's
 * own file looks like it.
 */
public final class Profiles {
    private static final String BUILT_IN = "profiles.yaml";

    /** More wrong letters than this, and it was another name that was meant. */
    private static final int MOST_TYPING_MISTAKES = 3;

    private final Map<String, Profile> byName;

    private Profiles(Map<String, Profile> byName) {
        this.byName = byName;
    }

    private static final class BuiltIn {
        static final Profiles PROFILES = new Profiles(Map.of()).plus(ProfileReader.read(BUILT_IN, text()));

        private static String text() {
            try (InputStream resource = Profiles.class.getResourceAsStream(BUILT_IN)) {
                return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The boxes that this project knows. */
    public static Profiles builtIn() {
        return BuiltIn.PROFILES;
    }

    /**
     * These profiles and those of a YAML file, which win where names are the same.
     *
     * @throws UsageException when the file can't be read or holds a mistake; the message names the line
     */
    public Profiles with(Path file) {
        try {
            return plus(ProfileReader.read(file.toString(), Files.readString(file)));
        } catch (NoSuchFileException e) {
            throw new UsageException(file + ": there is no such file");
        } catch (CharacterCodingException e) {
            throw new UsageException(file + ": this is not UTF-8 text");
        } catch (IOException e) {
            throw new UsageException(file + ": can't be read: " + e.getMessage());
        }
    }

    private Profiles plus(List<Profile> more) {
        Map<String, Profile> all = new LinkedHashMap<>(byName);
        more.forEach(profile -> all.put(profile.name(), profile));
        return new Profiles(all);
    }

    /** All of them, the built-in ones first. */
    public Collection<Profile> all() {
        return List.copyOf(byName.values());
    }

    /** @throws UsageException when there is none of this name; the message lists those that there are */
    public Profile get(String name) {
        Profile profile = byName.get(name);
        if (profile == null) {
            String hint =
                    nearest(name).map(near -> "did you mean " + near + "? ").orElse("");
            throw new UsageException(
                    "profile",
                    "'" + name + "' is unknown; " + hint + "there are " + String.join(", ", byName.keySet()));
        }
        return profile;
    }

    private Optional<String> nearest(String name) {
        return byName.keySet().stream()
                .filter(known -> name.length() > 2 && known.contains(name))
                .findFirst()
                .or(() -> byName.keySet().stream()
                        .filter(known -> distance(known, name) <= MOST_TYPING_MISTAKES)
                        .min(Comparator.comparingInt(known -> distance(known, name))));
    }

    /** Levenshtein's: letters to insert, remove or replace. */
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
