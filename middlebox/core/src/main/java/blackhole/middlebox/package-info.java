/**
 * The middlebox as a library: {@link blackhole.middlebox.Middlebox} starts it, the other types are what it is told and
 * what it tells. {@code Middlebox} alone looks down into {@code relay}; everything else here depends on nothing.
 */
@NullMarked
package blackhole.middlebox;

import org.jspecify.annotations.NullMarked;
