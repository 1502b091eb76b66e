/** The Linux socket options behind the middlebox, and the only place that knows their numbers. Internal. */
@NullMarked
package blackhole.middlebox.kernel;

import org.jspecify.annotations.NullMarked;
