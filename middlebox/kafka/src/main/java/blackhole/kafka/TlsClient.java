package blackhole.kafka;

import blackhole.middlebox.config.Endpoint;
import blackhole.middlebox.config.UsageException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.PromiseNotifier;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Locale;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Connects upstream legs with TLS. Thread-safe. */
final class TlsClient {
    private static final String PEM = "PEM";

    private final UpstreamTls settings;
    private final SslContext context;

    /** @throws UsageException if the settings' files can't be used */
    TlsClient(UpstreamTls settings) {
        this.settings = settings;
        SslContextBuilder builder = SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .endpointIdentificationAlgorithm(verification());
        trust(builder);
        identify(builder);
        try {
            context = builder.build();
        } catch (IOException e) {
            throw new UsageException(UpstreamTls.OPTION, "TLS can't be set up: " + e.getMessage());
        }
    }

    /** As in Kafka, an empty value means that the name is not verified. */
    private @Nullable String verification() {
        return settings.properties().containsKey(UpstreamTls.VERIFICATION)
                ? settings.get(UpstreamTls.VERIFICATION)
                : "HTTPS";
    }

    private void trust(SslContextBuilder builder) {
        String location = settings.get(UpstreamTls.TRUSTSTORE + UpstreamTls.LOCATION);
        if (location == null) {
            return;
        }
        use(UpstreamTls.TRUSTSTORE, location, () -> {
            if (typeOf(UpstreamTls.TRUSTSTORE).equals(PEM)) {
                builder.trustManager(new File(location));
            } else {
                TrustManagerFactory factory =
                        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                factory.init(load(UpstreamTls.TRUSTSTORE, location));
                builder.trustManager(factory);
            }
        });
    }

    private void identify(SslContextBuilder builder) {
        String location = settings.get(UpstreamTls.KEYSTORE + UpstreamTls.LOCATION);
        if (location == null) {
            return;
        }
        use(UpstreamTls.KEYSTORE, location, () -> {
            String keyPassword = settings.get(UpstreamTls.KEY_PASSWORD);
            if (typeOf(UpstreamTls.KEYSTORE).equals(PEM)) {
                // Kafka has the key and the certificates in one file.
                builder.keyManager(new File(location), new File(location), keyPassword);
            } else {
                String password =
                        keyPassword != null ? keyPassword : settings.get(UpstreamTls.KEYSTORE + UpstreamTls.PASSWORD);
                KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                factory.init(load(UpstreamTls.KEYSTORE, location), characters(password));
                builder.keyManager(factory);
            }
        });
    }

    private interface Step {
        void run() throws IOException, GeneralSecurityException;
    }

    private static void use(String store, String location, Step step) {
        try {
            step.run();
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            Throwable cause = e instanceof IllegalArgumentException && e.getCause() != null ? e.getCause() : e;
            String problem =
                    Files.exists(Path.of(location)) ? "can't be used: " + cause.getMessage() : "does not exist";
            throw new UsageException(
                    UpstreamTls.OPTION, store + UpstreamTls.LOCATION + " '" + location + "' " + problem);
        }
    }

    private String typeOf(String store) {
        String type = settings.get(store + UpstreamTls.TYPE);
        return type == null ? "JKS" : type.toUpperCase(Locale.ROOT);
    }

    private KeyStore load(String store, String location) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance(typeOf(store));
        try (InputStream file = Files.newInputStream(Path.of(location))) {
            keys.load(file, characters(settings.get(store + UpstreamTls.PASSWORD)));
        }
        return keys;
    }

    private static char @Nullable [] characters(@Nullable String password) {
        return password == null ? null : password.toCharArray();
    }

    /**
     * Adds TLS to an upstream leg, with the broker's name for SNI and verification. The handshake ends before the flow is
     * live, so it takes no longer than the connect timeout, and nothing of it is sent to a blackholed peer.
     */
    Future<?> addTo(SocketChannel channel, Endpoint broker) {
        SslHandler tls = context.newHandler(channel.alloc(), broker.host(), broker.port());
        tls.setHandshakeTimeoutMillis(channel.config().getConnectTimeoutMillis());
        channel.pipeline().addLast(tls, new Ends(tls));
        return tls.handshakeFuture();
    }

    /** Says goodbye as TLS does, and presents its errors as those of the connection. */
    private static final class Ends extends ChannelDuplexHandler {
        private final SslHandler tls;

        Ends(SslHandler tls) {
            this.tls = tls;
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (((ByteBuf) message).isReadable()) {
                ctx.write(message, promise);
            } else {
                ((ByteBuf) message).release();
                tls.closeOutbound().addListener(new PromiseNotifier<>(promise));
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            boolean fromTls = cause instanceof DecoderException && cause.getCause() instanceof IOException;
            ctx.fireExceptionCaught(fromTls ? cause.getCause() : cause);
        }
    }
}
