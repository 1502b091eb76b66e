/** The middlebox as a container of Testcontainers, for tests whose servers or clients are containers. */
@NullMarked
package blackhole.testcontainers;

import org.jspecify.annotations.NullMarked;
