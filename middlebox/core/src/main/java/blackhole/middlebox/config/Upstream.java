package blackhole.middlebox.config;

/** Where a route relays its connections to. */
public sealed interface Upstream {
    /**
     * A server behind the middlebox.
     *
     * @param endpoint its address; a name is resolved again for each connection
     */
    record Server(Endpoint endpoint) implements Upstream {
        @Override
        public String toString() {
            return endpoint.toString();
        }
    }

    /** Nothing: clients are accepted and never answered, as if the cable were unplugged. */
    record None() implements Upstream {
        @Override
        public String toString() {
            return "none";
        }
    }

    /**
     * Wherever each connection was going before a NAT rule redirected it to the route. Linux only. Connections that were not
     * redirected are refused.
     */
    record OriginalDestination() implements Upstream {
        @Override
        public String toString() {
            return "original-destination";
        }
    }
}
