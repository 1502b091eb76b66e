/** Settings, routes and profiles: immutable values. */
@NullMarked
package blackhole.middlebox.config;

import org.jspecify.annotations.NullMarked;
