package blackhole.client.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HtmlTest {

    @Test
    void textCanNotBecomeMarkup() {
        String html = new Html()
                .text("p", "<b a='1' b=\"2\">&")
                .row("td", List.of("</td>"))
                .toString();

        assertThat(html).contains("<p>&lt;b a=&#39;1&#39; b=&quot;2&quot;&gt;&amp;</p>", "<td>&lt;/td&gt;</td>");
    }

    @Test
    void dataCanNotEndItsScript() {
        assertThat(Html.script("{\"a\": \"</script><!--&\"}"))
                .isEqualTo("{\"a\": \"\\u003c/script\\u003e\\u003c!--\\u0026\"}");
    }
}
