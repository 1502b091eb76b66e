/** The middlebox as a library: {@link blackhole.middlebox.Middlebox} starts and controls it. */
@NullMarked
package blackhole.middlebox;

import org.jspecify.annotations.NullMarked;
