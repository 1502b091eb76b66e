/** What a route may do with its flows' bytes beyond relaying them. Internal: for this project's Kafka route. */
@NullMarked
package blackhole.middlebox.codec;

import org.jspecify.annotations.NullMarked;
