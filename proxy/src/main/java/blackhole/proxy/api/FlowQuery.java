package blackhole.proxy.api;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.Names;
import blackhole.middlebox.flow.BackgroundFailure;
import blackhole.middlebox.flow.Flow;
import blackhole.middlebox.flow.FlowState;
import io.vertx.core.MultiMap;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Filters, sorts and pages the flow table. */
public final class FlowQuery {
    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1_000;
    private static final Comparator<FlowView> BY_ID =
            Comparator.comparingLong(view -> view.flow().id());

    private final int limit;
    private final int offset;
    private final Sort sort;
    private final Predicate<FlowView> filter;

    enum Sort {
        /** In the order of acceptance. */
        ID,
        /** Blackholed flows first, the latest on top; then those that expire soonest; then the rest. */
        INTEREST,
        /** Longest idle first. */
        IDLE
    }

    /**
     * A page of the flow table.
     *
     * @param total the number of matching flows
     * @param states the number of flows in each state, whether they match or not
     */
    public record Page(
            long total,
            int offset,
            int limit,
            Map<FlowState, Long> states,
            List<FlowView> flows,
            @Nullable BackgroundFailure backgroundFailure) {}

    /** @throws Problem if a parameter is unknown or its value invalid */
    public FlowQuery(MultiMap query) {
        Parameters parameters = new Parameters(query, "limit", "offset", "sort", "query", "state", "client");
        limit = parameters.number("limit", MAX_LIMIT, DEFAULT_LIMIT);
        offset = parameters.number("offset", Integer.MAX_VALUE, 0);
        sort = parameters
                .text("sort")
                .map(name -> Parameters.constant(Sort.class, "sort", name))
                .orElse(Sort.ID);
        Predicate<FlowView> words =
                parameters.text("query").map(FlowQuery::containsAll).orElse(view -> true);
        Predicate<Flow> client =
                parameters.text("client").map(FlowSelector::ofClient).orElse(flow -> true);
        Predicate<Flow> state = parameters.text("state").map(FlowQuery::isIn).orElse(flow -> true);
        filter = words.and(view -> client.and(state).test(view.flow()));
    }

    private static Predicate<Flow> isIn(String names) {
        Set<FlowState> states = Arrays.stream(names.split(",", -1))
                .map(name -> Parameters.constant(FlowState.class, "state", name))
                .collect(Collectors.toSet());
        return flow -> states.contains(flow.state());
    }

    /** Matches if each word is part of the flow's id, label, description, state, expiry cause or addresses. */
    private static Predicate<FlowView> containsAll(String text) {
        String[] words = text.toLowerCase(Locale.ROOT).trim().split("\\s+");
        return view -> Arrays.stream(words).allMatch(searchable(view)::contains);
    }

    private static String searchable(FlowView view) {
        Flow flow = view.flow();
        return String.join(
                " ",
                "#" + flow.id(),
                Names.of(flow.state()),
                flow.expiry() == null ? "" : Names.of(flow.expiry().cause()),
                view.label() == null ? "" : view.label().toLowerCase(Locale.ROOT),
                flow.description() == null ? "" : flow.description().toLowerCase(Locale.ROOT),
                text(flow.client().peer()),
                text(flow.client().local()),
                text(flow.upstream().local()),
                text(flow.upstream().peer()));
    }

    private static String text(@Nullable InetSocketAddress address) {
        return address == null ? "" : Endpoint.of(address).toString();
    }

    /** @param failure of the proxy's background tasks; null if there is none */
    public Page page(Collection<FlowView> flows, @Nullable BackgroundFailure failure) {
        List<FlowView> matching = flows.stream().filter(filter).toList();
        List<FlowView> page =
                matching.stream().sorted(order()).skip(offset).limit(limit).toList();
        return new Page(matching.size(), offset, limit, countByState(flows), page, failure);
    }

    private static Map<FlowState, Long> countByState(Collection<FlowView> flows) {
        Map<FlowState, Long> counts = new EnumMap<>(FlowState.class);
        EnumSet.complementOf(EnumSet.of(FlowState.CLOSED)).forEach(state -> counts.put(state, 0L));
        flows.forEach(view -> counts.merge(view.flow().state(), 1L, Long::sum));
        return counts;
    }

    private Comparator<FlowView> order() {
        return switch (sort) {
            case ID -> BY_ID;
            case IDLE ->
                Comparator.<FlowView, Duration>comparing(view -> view.flow().idle())
                        .reversed()
                        .thenComparing(BY_ID);
            case INTEREST ->
                Comparator.<FlowView>comparingInt(view -> rank(view.flow()))
                        .thenComparing(view -> urgency(view.flow()))
                        .thenComparing(BY_ID);
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
