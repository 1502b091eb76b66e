/** Placeholder. */
@NullMarked
package blackhole.proxy;

import org.jspecify.annotations.NullMarked;
