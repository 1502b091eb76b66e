/** Accepts, connects upstream, relays both ways, closes as the peer closed: Netty channels in, flow table entries out. */
@NullMarked
package blackhole.middlebox.relay;

import org.jspecify.annotations.NullMarked;
