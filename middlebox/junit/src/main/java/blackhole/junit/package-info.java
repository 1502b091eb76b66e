/** JUnit Jupiter extension that runs a {@link blackhole.middlebox.Middlebox} for the tests of a project. */
@NullMarked
package blackhole.junit;

import org.jspecify.annotations.NullMarked;
