/** The event stream of the HTTP API. */
@NullMarked
package blackhole.proxy.events;

import org.jspecify.annotations.NullMarked;
