/** The HTTP API's resources: flows, settings, profiles, labels, health. */
@NullMarked
package blackhole.proxy.api;

import org.jspecify.annotations.NullMarked;
