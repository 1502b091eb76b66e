package blackhole.proxy.metrics;

import blackhole.middlebox.Middlebox;
import blackhole.proxy.api.Health;

/** What machines ask a proxy that runs. */
public record Monitoring(Middlebox proxy, Metrics metrics, Health health) {}
