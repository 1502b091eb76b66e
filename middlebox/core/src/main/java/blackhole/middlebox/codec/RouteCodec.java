package blackhole.middlebox.codec;

import java.net.InetSocketAddress;

/** Makes the codecs of a route's flows. */
public interface RouteCodec {
    /** Returns the option that asks for such a route, as on the command line but without dashes. */
    String option();

    /**
     * Called once, when the route listens and before it accepts.
     *
     * @param listening the address that the route listens on
     * @param opener opens more routes, now or later
     */
    void opened(InetSocketAddress listening, RouteOpener opener);

    /** Returns the codec of a flow that was accepted. Called on the flow's event loop. */
    FlowCodec newFlow();
}
