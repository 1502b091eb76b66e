package blackhole.middlebox.config;

import io.netty.util.NetUtil;
import java.math.BigInteger;
import java.net.InetAddress;

/**
 * A range of addresses, {@code ADDRESS/PREFIX}; an address alone is a range of one.
 *
 * @param prefix leading bits that count: 0 to 32, or 128 for IPv6
 */
public record Cidr(InetAddress address, int prefix) {
    /** @throws UsageException when the prefix does not fit the address */
    public Cidr {
        if (prefix < 0 || prefix > bits(address)) {
            throw new UsageException("'/" + prefix + "' is not between /0 and /" + bits(address));
        }
    }

    /** @throws UsageException when {@code text} is not ADDRESS or ADDRESS/PREFIX */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        String host = slash < 0 ? text : text.substring(0, slash);
        InetAddress address = NetUtil.createInetAddressFromIpAddressString(host);
        if (address == null || slash >= 0 && !text.substring(slash + 1).matches("\\d{1,3}")) {
            throw new UsageException("'" + text + "' is not an address or a range such as 10.0.0.0/8");
        }
        return new Cidr(address, slash < 0 ? bits(address) : Integer.parseInt(text.substring(slash + 1)));
    }

    private static int bits(InetAddress address) {
        return address.getAddress().length * Byte.SIZE;
    }

    /** Whether the range holds {@code other}. */
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
