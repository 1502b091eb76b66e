package blackhole.client.scenario;

import blackhole.keepalive.SocketEnd;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;

/**
 * A connection that ended while a probe was waiting.
 *
 * @param endpoints such as {@code 127.0.0.1:40312 -> 127.0.0.1:19092}
 * @param by who ended it
 * @param after since the probe began
 */
public record ConnectionEnd(@JsonProperty("connection") String endpoints, SocketEnd by, Duration after) {}
