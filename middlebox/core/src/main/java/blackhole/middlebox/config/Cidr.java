package blackhole.middlebox.config;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * A range of IP addresses, {@code ADDRESS/PREFIX}; a single address is a range of one.
 *
 * @param prefix the number of leading bits that must match: 0 to 32, or to 128 for IPv6
 */
public record Cidr(InetAddress address, int prefix) {
    /** @throws UsageException if the prefix is too long for the address */
    public Cidr {
        if (prefix < 0 || prefix > bits(address)) {
            throw new UsageException("'/" + prefix + "' is not between /0 and /" + bits(address));
        }
    }

    /** @throws UsageException if {@code text} is not ADDRESS or ADDRESS/PREFIX */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        String host = slash < 0 ? text : text.substring(0, slash);
        try {
            if (slash < 0 || text.substring(slash + 1).matches("\\d{1,3}")) {
                InetAddress address = numeric(host);
                return new Cidr(address, slash < 0 ? bits(address) : Integer.parseInt(text.substring(slash + 1)));
            }
        } catch (UnknownHostException e) {
            // Reported below.
        }
        throw new UsageException("'" + text + "' is not an address or a range such as 10.0.0.0/8");
    }

    /** Reads a literal. Brackets rule out a lookup, but need IPv6, of which IPv4 addresses are a part. */
    private static InetAddress numeric(String host) throws UnknownHostException {
        boolean isIpv6 = host.indexOf(':') >= 0;
        if (!isIpv6 && host.indexOf('.') < 0) {
            throw new UnknownHostException(host);
        }
        return InetAddress.getByName("[" + (isIpv6 ? host : "::ffff:" + host) + "]");
    }

    private static int bits(InetAddress address) {
        return address.getAddress().length * Byte.SIZE;
    }

    /** Returns whether the range contains {@code other}. */
    public boolean contains(InetAddress other) {
        int ignored = bits(address) - prefix;
        return other.getAddress().length == address.getAddress().length
                && number(other).shiftRight(ignored).equals(number(address).shiftRight(ignored));
    }

    private static BigInteger number(InetAddress address) {
        return new BigInteger(1, address.getAddress());
    }

    @Override
    public String toString() {
        return address.getHostAddress() + "/" + prefix;
    }
}
