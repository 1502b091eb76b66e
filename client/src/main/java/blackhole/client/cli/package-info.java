/** The command line of the client. */
@NullMarked
package blackhole.client.cli;

import org.jspecify.annotations.NullMarked;
