/**
 * Per-socket options for an unmodified kafka-clients, and reading back what the kernel holds.
 *
 * <p>Needs nothing but the JDK at run time: an agent jar without dependencies is made from this package blackhole.keepalive;
 */
@NullMarked
package blackhole.keepalive;

import org.jspecify.annotations.NullMarked;
