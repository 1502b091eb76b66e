/** Placeholder. */
@NullMarked
package blackhole.lab;

import org.jspecify.annotations.NullMarked;
