/** Several variants of one scenario, run against the same proxy at the same time. */
@NullMarked
package blackhole.client.compare;

import org.jspecify.annotations.NullMarked;
