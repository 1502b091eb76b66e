/** The idle clock: samples idle flows, expires them, and watches what the expired ones discard. Internal. */
@NullMarked
package blackhole.middlebox.idle;

import org.jspecify.annotations.NullMarked;
