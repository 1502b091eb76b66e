package blackhole.client.report;

import java.util.List;

/** Writes HTML; every text that comes in is escaped, and only {@link #raw} is not. */
final class Html {

    private final StringBuilder out = new StringBuilder();

    Html raw(String markup) {
        out.append(markup).append('\n');
        return this;
    }

    /** An element with text. */
    Html text(String tag, String text) {
        out.append('<')
                .append(tag)
                .append('>')
                .append(escape(text))
                .append("</")
                .append(tag)
                .append(">\n");
        return this;
    }

    /** An element of a class with text. */
    Html text(String tag, String cssClass, String text) {
        out.append('<').append(tag).append(" class=\"").append(escape(cssClass)).append("\">");
        out.append(escape(text)).append("</").append(tag).append(">\n");
        return this;
    }

    Html items(List<String> items) {
        raw("<ul>");
        items.forEach(item -> text("li", item));
        return raw("</ul>");
    }

    Html row(String cellTag, List<String> cells) {
        raw("<tr>");
        cells.forEach(cell -> text(cellTag, cell));
        return raw("</tr>");
    }

    /** A table that scrolls on its own when it is too wide. */
    Html table(List<String> head, List<List<String>> rows) {
        raw("<div class=\"wide\"><table><thead>").row("th", head).raw("</thead><tbody>");
        rows.forEach(row -> row("td", row));
        return raw("</tbody></table></div>");
    }

    /** What may stand between tags and in quoted attributes. */
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** JSON that may stand in a script element, which ends at {@code </script} whatever that means to JSON. */
    static String script(String json) {
        return json.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e");
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
