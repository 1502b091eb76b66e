/**
 * A Kafka client's sockets as the kernel sees them, like {@code ss -tino}: samples during a scenario, and a table at each
 * important step. Linux only; elsewhere columns are unknown.
 */
@NullMarked
package blackhole.client.evidence;

import org.jspecify.annotations.NullMarked;
