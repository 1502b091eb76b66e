/** Burst, idle, probe: what happens to a Kafka producer when its flow expires. */
@NullMarked
package blackhole.client.scenario;

import org.jspecify.annotations.NullMarked;
