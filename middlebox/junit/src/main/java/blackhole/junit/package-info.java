/** A middlebox for the tests of a project: a JUnit Jupiter extension over {@link blackhole.proxy.BlackholeProxy}. */
@NullMarked
package blackhole.junit;

import org.jspecify.annotations.NullMarked;
