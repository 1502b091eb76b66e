/** The HTTP server: routes, access rules, limits. */
@NullMarked
package blackhole.proxy.http;

import org.jspecify.annotations.NullMarked;
