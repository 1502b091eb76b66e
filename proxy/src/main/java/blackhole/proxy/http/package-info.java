/**
 * Control over HTTP: flows, settings, events and metrics of a running {@link blackhole.proxy.BlackholeProxy}. A Vert.x
 * server with threads of its own; the relay's event loops never wait for it, they only append to {@code EventBuffer}.
 */
@NullMarked
package blackhole.proxy.http;

import org.jspecify.annotations.NullMarked;
