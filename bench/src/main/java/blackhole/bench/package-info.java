/** The benchmark and the soak test: bench/run and bench/soak. */
@NullMarked
package blackhole.bench;

import org.jspecify.annotations.NullMarked;
