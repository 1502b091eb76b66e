/** Flows and their events: immutable values. */
@NullMarked
package blackhole.middlebox.flow;

import org.jspecify.annotations.NullMarked;
