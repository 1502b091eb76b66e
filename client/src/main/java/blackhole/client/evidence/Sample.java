package blackhole.client.evidence;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Duration;

/**
 * A snapshot of a socket, taken after something about it changed.
 *
 * @param at since the run began
 * @param info the kernel's data
 */
public record Sample(Duration at, @JsonUnwrapped SocketInfo info) {}
