package blackhole.middlebox.config;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What real middleboxes do to an idle TCP flow, each with its source.
 *
 * <p>Further sources: the RST of {@code aws-nat-gateway},
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-comparison.html, "Timeout behavior"; the Gateway Load Balancers of
 * {@code aws-network-firewall}, https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/update-idle-timeout.html.
 */
final class BuiltInProfiles {
    /** The lines of a profile: name and settings, description, source, and the supported idle timeouts if known. */
    private static final String TABLE = """
            aws-nat-gateway: idle-timeout=350s on-expiry=reset-sender
            answers the next packet of an expired flow with RST (documented for the client's side; here for either)
            AWS blog, https://aws.amazon.com/blogs/networking-and-content-delivery/implementing-long-running-tcp-connections-within-vpc-networking/

            aws-nlb: idle-timeout=350s on-expiry=reset-client
            resets the client at the next packet from either side
            AWS Network Load Balancer guide, https://docs.aws.amazon.com/elasticloadbalancing/latest/network/update-idle-timeout.html
            60s to 6000s

            aws-network-firewall: idle-timeout=350s on-expiry=drop
            drops the packets of an expired flow; Gateway Load Balancers do the same
            AWS Network Firewall API, https://docs.aws.amazon.com/network-firewall/latest/APIReference/API_FlowTimeouts.html
            60s to 6000s

            azure-lb: idle-timeout=240s on-expiry=drop
            expires silently, as long as TCP reset is not enabled on the rule
            Azure documentation, https://learn.microsoft.com/en-us/azure/load-balancer/load-balancer-tcp-reset
            4m to 100m

            azure-lb-tcp-reset: idle-timeout=240s on-expiry=reset-both
            resets both sides at expiry
            Azure documentation, https://learn.microsoft.com/en-us/azure/load-balancer/load-balancer-tcp-reset
            4m to 100m

            azure-nat-gateway: idle-timeout=240s on-expiry=reset-sender
            answers the next packet of an expired flow with RST
            Azure documentation, https://learn.microsoft.com/en-us/azure/nat-gateway/nat-gateway-resource
            4m to 120m

            gcp-vpc: idle-timeout=600s on-expiry=drop
            Google Cloud's VPC firewall stops tracking idle connections
            Google Compute Engine documentation, https://cloud.google.com/compute/docs/troubleshooting

            cisco-asa: idle-timeout=3600s on-expiry=drop
            drops the packets of a connection it no longer has
            Cisco support, https://www.cisco.com/c/en/us/support/docs/security/secure-firewall-asa/222075-configure-connection-timeout-for-specifi.html

            fortigate: idle-timeout=3600s on-expiry=drop
            drops the packets of a session it no longer has
            Fortinet community, https://community.fortinet.com/t5/FortiGate/Technical-Tip-Default-session-timeout-value-session-ttl/ta-p/194357

            checkpoint: idle-timeout=3600s on-expiry=drop
            drops packets of unknown connections unless they are a SYN
            Check Point community, https://community.checkpoint.com/t5/General-Topics/Long-lived-TCP-connection-got-timed-out-ungracefully-First/td-p/36459

            ipvs: idle-timeout=900s on-expiry=drop
            Docker Swarm's and kube-proxy's load balancing in the kernel
            https://github.com/moby/moby/issues/31208 and https://github.com/kubernetes/kubernetes/issues/84041

            linux-conntrack: idle-timeout=432000s on-expiry=drop
            a Linux NAT that doesn't pick up connections midstream (nf_conntrack_tcp_loose=0)
            Linux documentation, https://docs.kernel.org/networking/nf_conntrack-sysctl.html

            envoy: idle-timeout=3600s on-expiry=close-both keepalive-refreshes=false
            terminates TCP, so only data counts; closes both sides at expiry
            Envoy documentation, https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/tcp_proxy/v3/tcp_proxy.proto

            aws-classic-lb: idle-timeout=60s on-expiry=close-both keepalive-refreshes=false
            terminates TCP, so only data counts; closes both sides at expiry
            AWS Classic Load Balancer guide, https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/config-idle-timeout.html
            1s to 3600s

            azure-event-hubs: idle-timeout=600s on-expiry=drop keepalive-refreshes=false
            ends connections without a request for 10 minutes, with or without keepalive; the next request gets no answer
            Azure's reply to a user, and the user's observations, https://github.com/confluentinc/librdkafka/issues/2845

            cloudflare-gateway: idle-timeout=270s on-expiry=close-both keepalive-refreshes=false
            terminates TCP, so only data counts; drops the connection (documented without saying how; here closes both sides)
            Cloudflare documentation, as merged in https://github.com/cloudflare/cloudflare-docs/pull/3405

            oci-lb: idle-timeout=300s on-expiry=close-both keepalive-refreshes=false
            terminates TCP, so only data counts; closes the connection at expiry
            Oracle Cloud documentation, https://docs.oracle.com/en-us/iaas/Content/Balance/Reference/connectionreuse.htm

            confluent-cloud-2025: idle-timeout=300s on-expiry=drop
            the load balancer on the path of the incident behind this project
            the incident behind this project
            """;

    static final List<Profile> ALL =
            Arrays.stream(TABLE.split("\n\n")).map(BuiltInProfiles::parse).toList();

    private BuiltInProfiles() {}

    private static Profile parse(String text) {
        String[] lines = text.split("\n");
        String[] words = lines[0].split("[: =]+");
        Map<Setting<?>, @Nullable String> settings = new HashMap<>();
        for (int i = 1; i < words.length; i += 2) {
            settings.put(Setting.named(words[i]).orElseThrow(), words[i + 1]);
        }
        return new Profile(
                words[0],
                lines[1],
                lines[2],
                lines.length > 3 ? Profile.Range.parse(lines[3]) : null,
                MiddleboxConfig.DEFAULT.withText(settings));
    }
}
