/**
 * The middlebox as a library: {@link blackhole.proxy.BlackholeProxy} starts it, the other types are what it is told and
 * what it tells. {@code BlackholeProxy} alone looks down into {@code relay}; everything else here depends on nothing.
 */
@NullMarked
package blackhole.proxy;

import org.jspecify.annotations.NullMarked;
