package blackhole.proxy.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blackhole.middlebox.config.OnExpiry;
import blackhole.middlebox.flow.ExpiryCause;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowState;
import io.vertx.core.MultiMap;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FlowQueryTest {
    private static final List<Flow> FLOWS = List.of(
            flow(1, FlowState.LIVE, 100, 200),
            flow(2, FlowState.BLACKHOLED, 900, 50),
            flow(3, FlowState.LIVE, 290, 10),
            flow(4, FlowState.TOMBSTONE, 950, 400),
            flow(5, FlowState.BLACKHOLED, 800, 5),
            flow(6, FlowState.CONNECTING, 1, 0));

    private static final Labels LABELS = new Labels();

    static {
        LABELS.put(3, "Producer, keepalive off");
    }

    /** @param seconds to its expiry of a live flow, since then of an expired one */
    private static Flow flow(long id, FlowState state, long idle, long seconds) {
        Duration time = Duration.ofSeconds(seconds);
        boolean live = state == FlowState.LIVE;
        boolean expired = state == FlowState.BLACKHOLED || state == FlowState.TOMBSTONE;
        return new Flow(
                id,
                null,
                state,
                Instant.EPOCH,
                Duration.ofSeconds(idle),
                live ? time : null,
                expired ? new Flow.Expiry(ExpiryCause.IDLE, OnExpiry.DROP, time) : null,
                leg((int) (1000 + id)),
                leg((int) (2000 + id)));
    }

    private static Flow.LegStatus leg(int port) {
        InetSocketAddress peer = new InetSocketAddress("10.0.0." + port % 10, port);
        return new Flow.LegStatus(new InetSocketAddress("127.0.0.1", 9092), peer, Duration.ZERO, 0, 0, 0, List.of());
    }

    private static FlowQuery.Page page(String query) {
        MultiMap parameters = MultiMap.caseInsensitiveMultiMap();
        for (String parameter : query.split("&")) {
            if (!parameter.isEmpty()) {
                parameters.add(parameter.split("=")[0], parameter.split("=")[1]);
            }
        }
        return new FlowQuery(parameters).page(LABELS.views(FLOWS), null);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sort=id | 1 2 3 4 5 6",
                "sort=interest | 5 2 3 1 6 4",
                "sort=idle | 4 2 5 3 1 6",
                "limit=2&offset=1 | 2 3",
                "offset=2147483647 | ",
                "state=blackholed,tombstone | 2 4 5",
                "query=BLACKHOLED #5 | 5",
                "query=10.0.0.3 | 3",
                "query=:2004 | 4",
                "query=idle | 2 4 5",
                "query=producer off | 3",
                "client=10.0.0.1 | 1",
                "client=10.0.0.4/31 | 4 5",
                "client=10.0.0.2:1002 | 2",
                "client=10.0.0.2:1003 | ",
            })
    void finds(String query, String ids) {
        List<String> found = page(query).flows().stream()
                .map(view -> String.valueOf(view.flow().id()))
                .toList();

        assertThat(String.join(" ", found)).isEqualTo(ids == null ? "" : ids);
    }

    @Test
    void theTotalIsOfAllThatMatchAndTheStatesAreOfAllThereAre() {
        FlowQuery.Page page = page("state=live&limit=1");

        assertThat(page.total()).isEqualTo(2);
        assertThat(page.states())
                .containsEntry(FlowState.LIVE, 2L)
                .containsEntry(FlowState.BLACKHOLED, 2L)
                .containsEntry(FlowState.HALF_CLOSED, 0L)
                .doesNotContainKey(FlowState.CLOSED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1", "10.0.0.0/24", "10.0.0.1:80", "::1", "fe80::/10", "[::1]:80"})
    void clientsAreAddressesPortsAndRanges(String text) {
        assertThat(FlowSelector.ofClient(text)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "host", "10.0.0", "10.0.0.1:x", "10.0.0.1:99999", "10.0.0.0/33", "[::1]", "10.0.0.0/8:80"})
    void otherClientsAreProblems(String text) {
        assertThatThrownBy(() -> FlowSelector.ofClient(text))
                .isInstanceOf(Problem.class)
                .hasMessageStartingWith("client must be");
    }
}
