package blackhole.proxy.cli;

import blackhole.middlebox.config.Durations;
import blackhole.middlebox.config.MiddleboxConfig;
import blackhole.middlebox.config.Profile;
import blackhole.middlebox.config.Setting;
import blackhole.middlebox.config.UsageException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * A user's profiles in a YAML file: a mapping of names to fields, which are the settings by their names, {@code
 * description}, {@code source} and {@code idle-timeout-range}. Reads YAML nodes rather than objects, because nodes know
 * their line: every mistake is a {@link UsageException} {@code FILE:LINE: FIELD: REASON}.
 */
final class ProfileFile {
    private static final String DESCRIPTION = "description";
    private static final String SOURCE = "source";
    private static final String RANGE = "idle-timeout-range";

    private final Path file;

    private ProfileFile(Path file) {
        this.file = file;
    }

    /** @throws UsageException if the file can't be read or contains a mistake */
    static List<Profile> read(Path file) {
        try {
            return new ProfileFile(file).parse(Files.readString(file));
        } catch (NoSuchFileException e) {
            throw new UsageException(file + ": file not found");
        } catch (CharacterCodingException e) {
            throw new UsageException(file + ": not UTF-8 text");
        } catch (IOException e) {
            throw new UsageException(file + ": can't be read: " + e.getMessage());
        }
    }

    private List<Profile> parse(String text) {
        Node root = compose(text);
        if (root == null) {
            throw new UsageException(file + ": contains no profiles");
        }
        List<Profile> profiles = new ArrayList<>();
        entries(root, "expected a mapping of profile names to fields", "profile")
                .forEach((name, entry) -> {
                    if (!name.matches("[a-z0-9]+(-[a-z0-9]+)*")) {
                        throw mistake(
                                entry.getKeyNode(),
                                "'" + name + "' is not a valid name; use lower-case letters, digits and hyphens");
                    }
                    profiles.add(profile(name, entry));
                });
        return profiles;
    }

    private @Nullable Node compose(String text) {
        try (StringReader reader = new StringReader(text)) {
            return new Yaml(new SafeConstructor(new LoaderOptions())).compose(reader);
        } catch (MarkedYAMLException e) {
            throw new UsageException(at(e.getProblemMark()) + "not YAML: " + e.getProblem());
        } catch (YAMLException e) {
            throw new UsageException(file + ": not YAML: "
                    + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
    }

    private Profile profile(String name, NodeTuple entry) {
        Map<String, NodeTuple> fields =
                entries(entry.getValueNode(), name + ": expected fields such as idle-timeout: 300s", "field");
        MiddleboxConfig config = MiddleboxConfig.DEFAULT;
        String description = "";
        String source = file.toString();
        Profile.Range range = null;
        for (Map.Entry<String, NodeTuple> field : fields.entrySet()) {
            String fieldName = field.getKey();
            try {
                String value = value(field.getValue().getValueNode());
                switch (fieldName) {
                    case DESCRIPTION -> description = value;
                    case SOURCE -> source = value;
                    case RANGE -> range = Profile.Range.parse(value);
                    default -> config = config.withText(Map.of(setting(fieldName), value));
                }
            } catch (UsageException e) {
                boolean isAboutField = e.setting().filter(fieldName::equals).isPresent();
                throw mistake(
                        field.getValue().getKeyNode(),
                        fieldName + ": " + (isAboutField ? e.problem() : e.getMessage()));
            }
        }
        if (!fields.containsKey(Setting.IDLE_TIMEOUT.name())) {
            throw mistake(entry.getKeyNode(), name + ": " + Setting.IDLE_TIMEOUT + " is missing");
        }
        if (range != null && !range.contains(config.idleTimeout())) {
            throw mistake(
                    fields.getOrDefault(RANGE, entry).getKeyNode(),
                    RANGE + ": does not contain the idle timeout, " + Durations.format(config.idleTimeout()));
        }
        return new Profile(name, description, source, range, config);
    }

    private static Setting<?> setting(String name) {
        return Setting.named(name)
                .orElseThrow(() -> new UsageException("unknown field; use "
                        + Setting.ALL.stream().map(Setting::name).collect(Collectors.joining(", "))
                        + ", " + DESCRIPTION + ", " + SOURCE + " or " + RANGE));
    }

    /** @param kind of the entries, in the message about a duplicate */
    private Map<String, NodeTuple> entries(Node node, String problem, String kind) {
        if (!(node instanceof MappingNode mapping)) {
            throw mistake(node, problem);
        }
        Map<String, NodeTuple> entries = new LinkedHashMap<>();
        for (NodeTuple entry : mapping.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                throw mistake(entry.getKeyNode(), "expected a name");
            }
            if (entries.put(key.getValue(), entry) != null) {
                throw mistake(key, key.getValue() + ": duplicate " + kind);
            }
        }
        return entries;
    }

    /** Returns a list as its elements separated by commas, as on the command line. */
    private static String value(Node node) {
        if (node instanceof SequenceNode list) {
            return list.getValue().stream().map(ProfileFile::scalar).collect(Collectors.joining(","));
        }
        return scalar(node);
    }

    private static String scalar(Node node) {
        if (!(node instanceof ScalarNode scalar)) {
            throw new UsageException("expected a plain value");
        }
        if (scalar.getValue().isBlank()) {
            throw new UsageException("is empty");
        }
        return scalar.getValue().strip();
    }

    private UsageException mistake(Node node, String reason) {
        return new UsageException(at(node.getStartMark()) + reason);
    }

    private String at(@Nullable Mark mark) {
        return mark == null ? file + ": " : file + ":" + (mark.getLine() + 1) + ": ";
    }
}
