package blackhole.proxy.api;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.Names;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowState;
import blackhole.proxy.http.Parameters;
import io.vertx.core.MultiMap;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which flows a reader wants to see: some of them, in an order, a page at a time. */
public final class FlowQuery {
    private static final int DEFAULT_LIMIT = 100;
    private static final int LARGEST_LIMIT = 1_000;

    private final int limit;
    private final int offset;
    private final Labels labels;
    private final Sort sort;
    private final Predicate<Flow> wanted;

    public enum Sort {
        /** In the order of acceptance. */
        ID,
        /** The blackholed ones first, the latest on top; then those that expire soonest; the rest after them. */
        INTEREST,
        /** The longest idle first. */
        IDLE
    }

    /** @param states how many flows there are in each state, whatever the query */
    public record Page(long total, int offset, int limit, Map<String, Long> states, List<FlowView> flows) {}

    public FlowQuery(MultiMap query, Labels labels) {
        this.labels = labels;
        Parameters parameters = new Parameters(query, "limit", "offset", "sort", "query", "state", "client");
        limit = parameters.number("limit", 0, LARGEST_LIMIT, DEFAULT_LIMIT);
        offset = parameters.number("offset", 0, Integer.MAX_VALUE, 0);
        sort = parameters.oneOf(Sort.class, "sort").orElse(Sort.ID);
        Predicate<Flow> text = parameters.text("query").map(this::mentions).orElse(flow -> true);
        Predicate<Flow> client = parameters
                .text("client")
                .<Predicate<Flow>>map(address -> ClientFilter.parse("client", address))
                .orElse(flow -> true);
        Predicate<Flow> state =
                parameters.text("state").map(FlowQuery::inStates).orElse(flow -> true);
        wanted = text.and(client).and(state);
    }

    private static Predicate<Flow> inStates(String names) {
        Set<FlowState> states = Arrays.stream(names.split(",", -1))
                .map(name -> JsonNames.parse(FlowState.class, "state", name))
                .collect(Collectors.toSet());
        return flow -> states.contains(flow.state());
    }

    /** All words are found in the flow's id, label, state, expiry cause or addresses. */
    private Predicate<Flow> mentions(String text) {
        String[] words = text.toLowerCase(Locale.ROOT).trim().split("\\s+");
        return flow -> Arrays.stream(words).allMatch(searchable(flow)::contains);
    }

    private String searchable(Flow flow) {
        String label = labels.of(flow.id());
        String cause = flow.expiry() == null ? "" : Names.of(flow.expiry().cause());
        return String.join(
                " ",
                "#" + flow.id(),
                Names.of(flow.state()),
                cause,
                label == null ? "" : label.toLowerCase(Locale.ROOT),
                text(flow.client().peer()),
                text(flow.client().local()),
                text(flow.upstream().local()),
                text(flow.upstream().peer()));
    }

    private static String text(@Nullable InetSocketAddress address) {
        return address == null ? "" : Endpoint.of(address).toString();
    }

    public Page of(List<Flow> flows) {
        List<Flow> matching = flows.stream().filter(wanted).toList();
        List<FlowView> page = matching.stream()
                .sorted(order())
                .skip(offset)
                .limit(limit)
                .map(flow -> FlowView.of(flow, labels.of(flow.id())))
                .toList();
        return new Page(matching.size(), offset, limit, countByState(flows), page);
    }

    private static Map<String, Long> countByState(List<Flow> flows) {
        Map<FlowState, Long> counts = new EnumMap<>(FlowState.class);
        for (FlowState state : FlowState.values()) {
            if (state != FlowState.CLOSED) {
                counts.put(state, 0L);
            }
        }
        flows.forEach(flow -> counts.merge(flow.state(), 1L, Long::sum));
        return counts.entrySet().stream()
                .collect(Collectors.toMap(
                        entry -> Names.of(entry.getKey()),
                        Map.Entry::getValue,
                        (one, other) -> one,
                        LinkedHashMap::new));
    }

    private Comparator<Flow> order() {
        Comparator<Flow> byId = Comparator.comparingLong(Flow::id);
        return switch (sort) {
            case ID -> byId;
            case IDLE -> Comparator.comparing(Flow::idle).reversed().thenComparing(byId);
            case INTEREST ->
                Comparator.comparingInt(FlowQuery::rank)
                        .thenComparing(FlowQuery::urgency)
                        .thenComparing(byId);
        };
    }

    private static int rank(Flow flow) {
        return switch (flow.state()) {
            case BLACKHOLED -> 0;
            case LIVE, HALF_CLOSED -> flow.toExpiry() == null ? 3 : 1;
            case CONNECTING -> 2;
            case TOMBSTONE -> 4;
            case CLOSED -> 5;
        };
    }

    private static Duration urgency(Flow flow) {
        if (flow.expiry() != null) {
            return flow.expiry().ago();
        }
        Duration toExpiry = flow.toExpiry();
        return toExpiry == null ? flow.idle() : toExpiry;
    }
}
