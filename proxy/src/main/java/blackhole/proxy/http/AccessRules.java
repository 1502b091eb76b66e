package blackhole.proxy.http;

import blackhole.middlebox.config.Endpoint;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask. A web page that its browser loaded from elsewhere may not: not under a name of its own that resolves to
 * this machine (DNS rebinding, told by {@code Host}), and not across origins (told by {@code Origin}).
 */
public final class AccessRules {
    private static final Pattern HOST = Pattern.compile("(\\[[0-9A-Fa-f:.]+\\]|[^\\[\\]:/@\\s]+)(:\\d{1,5})?");
    private static final Pattern BEARER = Pattern.compile("(?i:bearer) +(\\S+)");

    private final InetAddress bound;
    private final Set<String> names;
    private final byte @Nullable [] token;

    /**
     * @param listen as the user wrote it; its host is a name that requests may come under
     * @param bound the address that it resolved to
     */
    public AccessRules(Endpoint listen, InetAddress bound, @Nullable String token) {
        this.bound = bound;
        names = new HashSet<>(List.of("localhost", listen.host().toLowerCase(Locale.ROOT)));
        if (bound.isAnyLocalAddress()) {
            names.add(nameOfThisMachine());
        }
        this.token = token == null ? null : token.getBytes(StandardCharsets.UTF_8);
    }

    private static String nameOfThisMachine() {
        try {
            return InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    /** Whether a request with this {@code Host} can have been meant for us. */
    public boolean isOwnHost(@Nullable String header) {
        Matcher matcher = HOST.matcher(header == null ? "" : header);
        if (!matcher.matches()) {
            return false;
        }
        String host = matcher.group(1).toLowerCase(Locale.ROOT);
        InetAddress literal = NetUtil.createInetAddressFromIpAddressString(host);
        if (literal == null) {
            return names.contains(host);
        }
        return literal.isLoopbackAddress() || literal.equals(bound) || bound.isAnyLocalAddress();
    }

    /** Whether a request with this {@code Origin}, if any, comes from a page of ours or from no page at all. */
    public static boolean isOwnOrigin(@Nullable String origin, String host) {
        return origin == null
                || origin.equalsIgnoreCase("http://" + host)
                || origin.equalsIgnoreCase("https://" + host);
    }

    /** Whether the request brings the token, if one is asked for. Takes the same time whatever is wrong with it. */
    public boolean isAuthorized(@Nullable String authorization) {
        if (token == null) {
            return true;
        }
        Matcher matcher = BEARER.matcher(authorization == null ? "" : authorization);
        return matcher.matches()
                && MessageDigest.isEqual(token, matcher.group(1).getBytes(StandardCharsets.UTF_8));
    }
}
