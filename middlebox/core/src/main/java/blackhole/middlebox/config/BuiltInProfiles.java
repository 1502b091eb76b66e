package blackhole.middlebox.config;

import static blackhole.middlebox.config.OnExpiry.CLOSE_BOTH;
import static blackhole.middlebox.config.OnExpiry.DROP;
import static blackhole.middlebox.config.OnExpiry.RESET_BOTH;
import static blackhole.middlebox.config.OnExpiry.RESET_CLIENT;
import static blackhole.middlebox.config.OnExpiry.RESET_SENDER;

import java.util.List;

/** What real middleboxes do to an idle TCP flow, each with its source. */
final class BuiltInProfiles {
    private static final String AZURE_LB =
            "Azure documentation, https://learn.microsoft.com/en-us/azure/load-balancer/load-balancer-tcp-reset";

    static final List<Profile> ALL = List.of(
            // The RST: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-comparison.html, "Timeout behavior".
            new Profile(
                    "aws-nat-gateway",
                    "answers the next packet of an expired flow with RST (documented for the client's side; here for"
                            + " either)",
                    "AWS blog, https://aws.amazon.com/blogs/networking-and-content-delivery/implementing-long-running-tcp-connections-within-vpc-networking/",
                    null,
                    config("350s", RESET_SENDER)),
            new Profile(
                    "aws-nlb",
                    "resets the client at the next packet from either side",
                    "AWS Network Load Balancer guide, https://docs.aws.amazon.com/elasticloadbalancing/latest/network/update-idle-timeout.html",
                    Profile.Range.parse("60s to 6000s"),
                    config("350s", RESET_CLIENT)),
            // Gateway Load Balancers:
            // https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/update-idle-timeout.html.
            new Profile(
                    "aws-network-firewall",
                    "drops the packets of an expired flow; Gateway Load Balancers do the same",
                    "AWS Network Firewall API, https://docs.aws.amazon.com/network-firewall/latest/APIReference/API_FlowTimeouts.html",
                    Profile.Range.parse("60s to 6000s"),
                    config("350s", DROP)),
            new Profile(
                    "azure-lb",
                    "expires silently, as long as TCP reset is not enabled on the rule",
                    AZURE_LB,
                    Profile.Range.parse("4m to 100m"),
                    config("240s", DROP)),
            new Profile(
                    "azure-lb-tcp-reset",
                    "resets both sides at expiry",
                    AZURE_LB,
                    Profile.Range.parse("4m to 100m"),
                    config("240s", RESET_BOTH)),
            new Profile(
                    "azure-nat-gateway",
                    "answers the next packet of an expired flow with RST",
                    "Azure documentation, https://learn.microsoft.com/en-us/azure/nat-gateway/nat-gateway-resource",
                    Profile.Range.parse("4m to 120m"),
                    config("240s", RESET_SENDER)),
            new Profile(
                    "gcp-vpc",
                    "Google Cloud's VPC firewall stops tracking idle connections",
                    "Google Compute Engine documentation, https://cloud.google.com/compute/docs/troubleshooting",
                    null,
                    config("600s", DROP)),
            new Profile(
                    "cisco-asa",
                    "drops the packets of a connection it no longer has",
                    "Cisco support, https://www.cisco.com/c/en/us/support/docs/security/secure-firewall-asa/222075-configure-connection-timeout-for-specifi.html",
                    null,
                    config("3600s", DROP)),
            new Profile(
                    "fortigate",
                    "drops the packets of a session it no longer has",
                    "Fortinet community, https://community.fortinet.com/t5/FortiGate/Technical-Tip-Default-session-timeout-value-session-ttl/ta-p/194357",
                    null,
                    config("3600s", DROP)),
            new Profile(
                    "checkpoint",
                    "drops what does not begin with SYN",
                    "Check Point community, https://community.checkpoint.com/t5/General-Topics/Long-lived-TCP-connection-got-timed-out-ungracefully-First/td-p/36459",
                    null,
                    config("3600s", DROP)),
            new Profile(
                    "ipvs",
                    "Docker Swarm's and kube-proxy's load balancing in the kernel",
                    "https://github.com/moby/moby/issues/31208 and https://github.com/kubernetes/kubernetes/issues/84041",
                    null,
                    config("900s", DROP)),
            new Profile(
                    "linux-conntrack",
                    "a Linux NAT that doesn't pick up connections in their middle (nf_conntrack_tcp_loose=0)",
                    "Linux documentation, https://docs.kernel.org/networking/nf_conntrack-sysctl.html",
                    null,
                    config("432000s", DROP)),
            new Profile(
                    "envoy",
                    "terminates TCP, so only data counts; closes both sides at expiry",
                    "Envoy documentation, https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/tcp_proxy/v3/tcp_proxy.proto",
                    null,
                    config("3600s", CLOSE_BOTH).with(Setting.KEEPALIVE_REFRESHES, false)),
            new Profile(
                    "confluent-cloud-2025",
                    "the load balancer on the path of the incident behind this project",
                    "the incident behind this project",
                    null,
                    config("300s", DROP)));

    private BuiltInProfiles() {}

    private static MiddleboxConfig config(String idleTimeout, OnExpiry onExpiry) {
        return MiddleboxConfig.DEFAULT
                .with(Setting.IDLE_TIMEOUT, Durations.parse(idleTimeout))
                .with(Setting.ON_EXPIRY, onExpiry);
    }
}
