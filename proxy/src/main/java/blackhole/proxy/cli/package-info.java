/** The command line. */
@NullMarked
package blackhole.proxy.cli;

import org.jspecify.annotations.NullMarked;
