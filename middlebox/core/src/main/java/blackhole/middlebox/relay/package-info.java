/** Accepts clients, connects upstream, relays both ways, expires flows, and closes as the peer closed. Internal. */
@NullMarked
package blackhole.middlebox.relay;

import org.jspecify.annotations.NullMarked;
