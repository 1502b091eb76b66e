package blackhole.proxy.admin;

import blackhole.proxy.Profiles;
import java.util.List;
import java.util.Map;

/** A built-in profile as the API shows it: what to set the middlebox to. */
record ProfileView(String name, String description, String source, MiddleboxView middlebox) {
    static Object all() {
        List<ProfileView> profiles = Profiles.builtIn().all().stream()
                .map(profile -> new ProfileView(
                        profile.name(), profile.description(), profile.source(), MiddleboxView.of(profile.middlebox())))
                .toList();
        return Map.of("profiles", profiles);
    }
}
