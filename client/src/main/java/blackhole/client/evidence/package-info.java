/**
 * What a Kafka client's sockets look like from outside the client, as {@code ss -tino} shows them: sampled while a
 * scenario plays, and as a table at the moments that matter. Linux only; elsewhere the columns say that they are unknown.
 */
@NullMarked
package blackhole.client.evidence;

import org.jspecify.annotations.NullMarked;
