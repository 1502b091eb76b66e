/** The idle clock: samples quiet flows, expires them, and watches what the expired ones discard. */
@NullMarked
package blackhole.middlebox.idle;

import org.jspecify.annotations.NullMarked;
