/** The idle clock: samples quiet flows, expires them, and watches what the forgotten ones discard. */
@NullMarked
package blackhole.proxy.idle;

import org.jspecify.annotations.NullMarked;
