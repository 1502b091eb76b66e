/** Flows, and the events that tell their story: immutable values. */
@NullMarked
package blackhole.middlebox.flow;

import org.jspecify.annotations.NullMarked;
