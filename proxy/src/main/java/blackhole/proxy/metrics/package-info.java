/** Prometheus metrics. */
@NullMarked
package blackhole.proxy.metrics;

import org.jspecify.annotations.NullMarked;
