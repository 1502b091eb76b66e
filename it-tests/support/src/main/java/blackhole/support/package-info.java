/** What the tests of several modules share: processes, sockets, captures and a browser. */
@NullMarked
package blackhole.support;

import org.jspecify.annotations.NullMarked;
