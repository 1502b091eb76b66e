/** The on-expiry behaviours, one class each. */
@NullMarked
package blackhole.middlebox.relay.expiry;

import org.jspecify.annotations.NullMarked;
