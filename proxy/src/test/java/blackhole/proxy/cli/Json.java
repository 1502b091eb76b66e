package blackhole.proxy.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/** Reads one JSON value strictly, so that a log line that is not JSON fails its test. */
final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** Reads an object; numbers and literals become their text. */
    static Map<String, Object> parse(String line) {
        Json json = new Json(line);
        Map<String, Object> object = json.object();
        if (json.at != line.length()) {
            throw json.malformed();
        }
        return object;
    }

    /** Logback's {@code kvpList}, flat. */
    static Map<String, Object> pairs(Map<String, Object> line) {
        Map<String, Object> pairs = new LinkedHashMap<>();
        if (line.get("kvpList") instanceof List<?> list) {
            for (Object pair : list) {
                ((Map<?, ?>) pair).forEach((key, value) -> pairs.put((String) key, value));
            }
        }
        return pairs;
    }

    private Object value() {
        return switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            default -> literal();
        };
    }

    private Map<String, Object> object() {
        Map<String, Object> object = new LinkedHashMap<>();
        expect('{');
        while (peek() != '}') {
            if (!object.isEmpty()) {
                expect(',');
            }
            String key = string();
            expect(':');
            object.put(key, value());
        }
        expect('}');
        return object;
    }

    private List<Object> array() {
        List<Object> array = new ArrayList<>();
        expect('[');
        while (peek() != ']') {
            if (!array.isEmpty()) {
                expect(',');
            }
            array.add(value());
        }
        expect(']');
        return array;
    }

    private String string() {
        StringBuilder string = new StringBuilder();
        expect('"');
        while (text.charAt(at) != '"') {
            if (text.charAt(at) == '\\') {
                at++;
            }
            string.append(text.charAt(at++));
        }
        at++;
        return string.toString();
    }

    private String literal() {
        int begin = at;
        while (at < text.length() && ",]} ".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        String literal = text.substring(begin, at);
        if (!literal.matches("-?\\d+(\\.\\d+)?|true|false|null")) {
            throw malformed();
        }
        return literal;
    }

    private char peek() {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        if (at == text.length()) {
            throw malformed();
        }
        return text.charAt(at);
    }

    private void expect(char character) {
        if (peek() != character) {
            throw malformed();
        }
        at++;
    }

    private NoSuchElementException malformed() {
        return new NoSuchElementException("no JSON at " + at + ": " + text);
    }
}
