package blackhole.client.evidence;

import java.time.Duration;

/**
 * A socket when something about it had changed.
 *
 * @param at since the run began
 * @param info what the kernel said
 */
public record Sample(Duration at, TcpInfo info) {}
