package blackhole.middlebox.config;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
 * Reads profiles from YAML: a mapping of names to mappings of fields. Works on YAML's nodes instead of on objects made of
 * them, as the nodes know their lines. Every mistake is a {@link UsageException} {@code FILE:LINE: FIELD: REASON}.
 */
final class ProfileReader {
    private static final String DESCRIPTION = "description";
    private static final String SOURCE = "source";
    private static final String RANGE = "idle-timeout-range";
    private static final String IDLE_TIMEOUT = "idle-timeout";

    private final String file;

    private ProfileReader(String file) {
        this.file = file;
    }

    /** @param file its name, for messages */
    static List<Profile> read(String file, String text) {
        return new ProfileReader(file).read(text);
    }

    private List<Profile> read(String text) {
        Node root = compose(text);
        if (root == null) {
            throw new UsageException(file + ": there is no profile in it");
        }
        List<Profile> profiles = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (NodeTuple entry : mapping(root, "a mapping of profile names to their fields is wanted here")
                .getValue()) {
            String name = text(entry.getKeyNode());
            if (!name.matches("[a-z0-9]+(-[a-z0-9]+)*")) {
                throw mistake(
                        entry.getKeyNode(), "'" + name + "': a name is lower-case letters and digits, with hyphens");
            }
            if (!names.add(name)) {
                throw mistake(entry.getKeyNode(), name + ": there are two profiles of this name");
            }
            profiles.add(profile(name, entry));
        }
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
        MiddleboxConfig box = MiddleboxConfig.DEFAULT;
        String description = "";
        String source = file;
        Profile.Range range = null;
        Node rangeNode = null;
        Set<String> seen = new HashSet<>();
        for (NodeTuple field : mapping(
                        entry.getValueNode(), name + ": fields such as idle-timeout: 300s are wanted here")
                .getValue()) {
            String fieldName = text(field.getKeyNode());
            Node node = field.getValueNode();
            if (!seen.add(fieldName)) {
                throw mistake(field.getKeyNode(), fieldName + ": is given twice");
            }
            try {
                String value = value(node);
                switch (fieldName) {
                    case DESCRIPTION -> description = value;
                    case SOURCE -> source = value;
                    case RANGE -> {
                        range = Profile.Range.parse(value);
                        rangeNode = node;
                    }
                    default -> box = set(box, fieldName, value);
                }
            } catch (UsageException e) {
                // A value out of range is reported by its setting's name already.
                String prefix = fieldName + " ";
                String reason =
                        e.getMessage().startsWith(prefix) ? e.getMessage().substring(prefix.length()) : e.getMessage();
                throw mistake(field.getKeyNode(), fieldName + ": " + reason);
            }
        }
        if (!seen.contains(IDLE_TIMEOUT)) {
            throw mistake(entry.getKeyNode(), name + ": " + IDLE_TIMEOUT + " is missing");
        }
        if (range != null && rangeNode != null && !range.contains(box.idleTimeout())) {
            throw mistake(
                    rangeNode, RANGE + ": does not hold the idle timeout, " + Durations.format(box.idleTimeout()));
        }
        return new Profile(name, description, source, range, box);
    }

    private static MiddleboxConfig set(MiddleboxConfig box, String name, String value) {
        if (!MiddleboxConfigText.names().contains(name)) {
            throw new UsageException("there is no such field; there are " + DESCRIPTION + ", " + SOURCE + ", " + RANGE
                    + ", " + String.join(", ", MiddleboxConfigText.names()));
        }
        return box.with(builder -> {
            MiddleboxConfigText.set(builder, name, value);
            return builder;
        });
    }

    private MappingNode mapping(Node node, String wanted) {
        if (node instanceof MappingNode mapping) {
            return mapping;
        }
        throw mistake(node, wanted);
    }

    private String text(Node key) {
        if (key instanceof ScalarNode scalar) {
            return scalar.getValue();
        }
        throw mistake(key, "a name is wanted here");
    }

    /** A list is as good as its elements with commas between them, which is how an option is written. */
    private static String value(Node node) {
        if (node instanceof SequenceNode list) {
            return list.getValue().stream().map(ProfileReader::scalar).collect(Collectors.joining(","));
        }
        return scalar(node);
    }

    private static String scalar(Node node) {
        if (!(node instanceof ScalarNode scalar)) {
            throw new UsageException("a plain value is wanted here");
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
