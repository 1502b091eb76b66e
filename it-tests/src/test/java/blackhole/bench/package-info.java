/** The benchmark and the soak: it-tests/bench/run and it-tests/bench/soak. */
@NullMarked
package blackhole.bench;

import org.jspecify.annotations.NullMarked;
