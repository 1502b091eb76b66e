/**
 * Routes to Kafka clusters. Brokers tell clients their own addresses; such a route replaces them by its own, with a port for
 * each broker, so that all connections of a client go through the middlebox.
 */
@NullMarked
package blackhole.kafka;

import org.jspecify.annotations.NullMarked;
