/** Measures the idle timeout of the middlebox on the path to a server. */
@NullMarked
package blackhole.client.measure;

import org.jspecify.annotations.NullMarked;
