package blackhole.lab;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** A value in a YAML document, with anchors and merge keys resolved. What is not there is an assertion error. */
record Yaml(String path, Object value) {

    static Yaml parse(String document) {
        return new Yaml("", new org.yaml.snakeyaml.Yaml(new SafeConstructor(new LoaderOptions())).load(document));
    }

    Yaml get(String key) {
        return at(key, map().get(key));
    }

    boolean has(String key) {
        return map().containsKey(key);
    }

    Set<String> keys() {
        return map().keySet().stream().map(String::valueOf).collect(Collectors.toCollection(TreeSet::new));
    }

    List<Yaml> list() {
        if (value instanceof List<?> list) {
            return list.stream().map(entry -> at("[]", entry)).toList();
        }
        throw new AssertionError(path + " is not a list: " + value);
    }

    List<String> texts() {
        return list().stream().map(Yaml::text).toList();
    }

    String text() {
        return value.toString();
    }

    private Map<?, ?> map() {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw new AssertionError(path + " is not a mapping: " + value);
    }

    private Yaml at(String key, @Nullable Object found) {
        if (found == null) {
            throw new AssertionError("there is no " + path + "/" + key);
        }
        return new Yaml(path + "/" + key, found);
    }
}
