/** Burst, idle, probe: what a Kafka producer lives through when its flow expires; and the report of it. */
@NullMarked
package blackhole.client.scenario;

import org.jspecify.annotations.NullMarked;
