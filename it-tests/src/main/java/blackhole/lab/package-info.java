/**
 * Real brokers, and proxies before them, inside one test.
 *
 * <p>A client follows the address that a broker advertises, not the one it was given. So the order of things is fixed:
 * a {@link blackhole.lab.KafkaBroker} reserves its ports, proxies start with routes to them, and only then the broker
 * starts and advertises the proxies' addresses. {@link blackhole.lab.Lab} does the three in one call.
 */
@NullMarked
package blackhole.lab;

import org.jspecify.annotations.NullMarked;
