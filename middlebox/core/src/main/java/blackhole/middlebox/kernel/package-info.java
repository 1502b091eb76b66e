/** What the proxy asks of the Linux kernel, socket by socket. The only place that knows option numbers. */
@NullMarked
package blackhole.middlebox.kernel;

import org.jspecify.annotations.NullMarked;
