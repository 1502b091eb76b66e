package blackhole.proxy.api;

import blackhole.middlebox.config.Profiles;
import java.util.List;
import java.util.Map;

/** A built-in profile in JSON. */
public record ProfileView(String name, String description, String source, ConfigView middlebox) {
    public static Object all() {
        List<ProfileView> profiles = Profiles.builtIn().all().stream()
                .map(profile -> new ProfileView(
                        profile.name(), profile.description(), profile.source(), ConfigView.of(profile.config())))
                .toList();
        return Map.of("profiles", profiles);
    }
}
