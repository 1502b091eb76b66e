/** The command line: a thin layer on {@link blackhole.proxy.BlackholeProxy}. */
@NullMarked
package blackhole.proxy.cli;

import org.jspecify.annotations.NullMarked;
