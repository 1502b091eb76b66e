/** The benchmark and the soak: bench/run and bench/soak. */
@NullMarked
package blackhole.bench;

import org.jspecify.annotations.NullMarked;
