/** Running a command with its connections redirected through the proxy. */
@NullMarked
package blackhole.proxy.wrap;

import org.jspecify.annotations.NullMarked;
