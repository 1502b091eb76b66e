/** The on-expiry behaviours, one class each. Internal. */
@NullMarked
package blackhole.middlebox.relay.expiry;

import org.jspecify.annotations.NullMarked;
