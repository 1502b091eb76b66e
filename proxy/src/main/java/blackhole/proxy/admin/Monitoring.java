package blackhole.proxy.admin;

import blackhole.proxy.BlackholeProxy;

/** What machines ask a proxy that runs. */
record Monitoring(BlackholeProxy proxy, Metrics metrics, Health health) {}
