package blackhole.proxy.http;

import blackhole.middlebox.config.Endpoint;
import blackhole.proxy.api.Problem;
import io.netty.util.NetUtil;
import io.vertx.core.http.HttpServerRequest;
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
 * Decides who may use the API. Web pages from other sites may not, neither under a name of theirs that resolves to this
 * machine (DNS rebinding, recognised by {@code Host}) nor across origins (recognised by {@code Origin}).
 */
final class AccessRules {
    private static final Pattern HOST = Pattern.compile("(\\[[0-9A-Fa-f:.]+\\]|[^\\[\\]:/@\\s]+)(:\\d{1,5})?");
    private static final Pattern BEARER = Pattern.compile("(?i:bearer) +(\\S+)");

    private final InetAddress bound;
    private final Set<String> names;
    private final byte @Nullable [] token;

    /**
     * @param listen as the user wrote it; requests may use its host
     * @param bound the address that it resolved to
     */
    AccessRules(Endpoint listen, InetAddress bound, @Nullable String token) {
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

    /** @throws Problem if a page from another site sent the request */
    void checkOrigin(HttpServerRequest request) {
        List<String> hosts = request.headers().getAll("Host");
        if (hosts.size() != 1) {
            throw Problem.of(400, "a request needs exactly one Host header");
        }
        String host = hosts.get(0);
        if (!isOwnHost(host)) {
            throw Problem.of(403, "host '" + host + "' is not allowed; use localhost or the server's address");
        }
        String origin = request.getHeader("Origin");
        if (!isOwnOrigin(origin, host)) {
            throw Problem.of(403, "origin '" + origin + "' is not allowed");
        }
    }

    /** @throws Problem if a token is required and the request doesn't have it */
    void checkToken(HttpServerRequest request) {
        if (!isAuthorized(request.getHeader("Authorization"))) {
            request.response().putHeader("WWW-Authenticate", "Bearer realm=\"blackhole-proxy\"");
            throw Problem.of(401, "the token is missing or wrong; send Authorization: Bearer TOKEN");
        }
    }

    boolean isOwnHost(@Nullable String header) {
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

    static boolean isOwnOrigin(@Nullable String origin, String host) {
        return origin == null
                || origin.equalsIgnoreCase("http://" + host)
                || origin.equalsIgnoreCase("https://" + host);
    }

    /** Takes the same time for every wrong token. */
    boolean isAuthorized(@Nullable String authorization) {
        if (token == null) {
            return true;
        }
        Matcher matcher = BEARER.matcher(authorization == null ? "" : authorization);
        return matcher.matches()
                && MessageDigest.isEqual(token, matcher.group(1).getBytes(StandardCharsets.UTF_8));
    }
}
