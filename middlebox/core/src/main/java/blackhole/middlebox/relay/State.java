package blackhole.middlebox.relay;

import blackhole.middlebox.flow.FlowState;

/**
 * The state of a flow, with the data that only this state has. Each transition is a method of {@link FlowEntry}.
 *
 * <pre>
 *    accepted
 *       |
 *       v         connected         FIN from one side
 *   CONNECTING -------------> LIVE -------------------> HALF_CLOSED
 *     ^    |                  ^  |                        ^   |
 *     |    | no upstream,     |  | idle, lifetime,        |   | the same
 *     |    | table full,      |  | table full, command,   |   |
 *     |    | outage           |  | outage                 |   |
 *     |    v                  |  v                        |   v
 *     |  +------------------------------------------------------+   peers give up   +-----------+
 *     |  |                     BLACKHOLED                       | ----------------> | TOMBSTONE |
 *     |  |                                                      | <---------------- |           |
 *     |  +------------------------------------------------------+  discarded again  +-----------+
 *     |    |                  |                           |
 *     +----+------------------+---------------------------+
 *        heal, also from TOMBSTONE, by command or at the end of an outage: to the state before
 *
 *   CONNECTING --> CLOSED   upstream unreachable
 *   LIVE, HALF_CLOSED --> CLOSED   FIN from both sides, RST from one
 *   BLACKHOLED --> CLOSED   at once by on-expiry behaviour; both sides reset; tombstone time or limit
 *   TOMBSTONE --> CLOSED   tombstone time or limit
 *   any --> CLOSED   reset by command, shutdown
 * </pre>
 *
 * An outage also blackholes what an expired flow still relays or answers; its end undoes that, and the flow stays expired.
 */
sealed interface State permits ConnectingFlow, State.Live, ExpiredFlow, State.Closed {
    /** Returns the state's public name. */
    FlowState at(long now);

    /**
     * The flow is tracked, and relays in at least one direction.
     *
     * @param since when the flow was accepted, or last healed
     */
    record Live(Legs legs, long since) implements State {
        @Override
        public FlowState at(long now) {
            return legs.all(leg -> !leg.isInputShut()) ? FlowState.LIVE : FlowState.HALF_CLOSED;
        }
    }

    /** Both legs are closed. */
    record Closed() implements State {
        @Override
        public FlowState at(long now) {
            return FlowState.CLOSED;
        }
    }
}
