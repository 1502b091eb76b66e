package blackhole.keepalive;

import java.io.IOException;
import java.lang.StackWalker.StackFrame;
import java.net.ProtocolFamily;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The JDK's own provider, but for the selector of a Kafka client that is built inside {@link SocketTuning#with}, or
 * anywhere once {@link KeepaliveAgent} runs. Public with a public constructor because the JDK makes it by name.
 */
public final class TunedSelectorProvider extends SelectorProvider {

    /** Also behind the prefix of an application that has moved Kafka's packages. */
    private static final String KAFKA_SELECTOR = ".org.apache.kafka.common.network.Selector";

    private static final StackWalker CALLERS = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    private static final String JDK_CHANNELS = "java.nio.channels.";

    private final SelectorProvider jdk;
    private final KernelSockets kernel;
    private final AtomicBoolean warned = new AtomicBoolean();
    private final AtomicBoolean warnedOfFault = new AtomicBoolean();

    public TunedSelectorProvider() {
        this.kernel = KernelSockets.ofThisJdk();
        this.jdk = kernel.defaultProvider();
    }

    @Override
    public AbstractSelector openSelector() throws IOException {
        AbstractSelector plain = jdk.openSelector();
        try {
            return tuned(plain);
        } catch (RuntimeException | LinkageError e) {
            failed(e);
            return plain;
        }
    }

    /** Says once that something of ours went wrong, which must not become a fault of the application. */
    void failed(Throwable fault) {
        if (warnedOfFault.compareAndSet(false, true)) {
            KeepaliveAgent.warn("some of Kafka's sockets stay as they are, because of " + fault + " (said once)");
        }
    }

    private AbstractSelector tuned(AbstractSelector plain) {
        Optional<SocketTuning> inScope = SocketTuning.inScope();
        Optional<SocketTuning> tuning = inScope.or(SocketTuning::outsideScopes);
        if (tuning.isEmpty()) {
            return plain;
        }
        Optional<Class<?>> kafka = callerIfKafka();
        if (kafka.isEmpty() || (inScope.isEmpty() && !known(kafka.get()))) {
            return plain;
        }
        return new TunedSelector(this, plain, tuning.get(), kernel);
    }

    /** The first caller that is neither this class nor {@code Selector.open()}. */
    private static Optional<Class<?>> callerIfKafka() {
        return CALLERS.walk(frames -> frames.<Class<?>>map(StackFrame::getDeclaringClass)
                        .filter(caller -> caller != TunedSelectorProvider.class)
                        .filter(caller -> !caller.getName().startsWith(JDK_CHANNELS))
                        .findFirst())
                .filter(caller -> ("." + caller.getName()).endsWith(KAFKA_SELECTOR));
    }

    /** Whoever builds a client in a scope knows its Kafka; an agent does not know that of the application. */
    private boolean known(Class<?> kafka) {
        KafkaVersion version = KafkaVersion.of(kafka);
        if (version.known()) {
            return true;
        }
        if (warned.compareAndSet(false, true)) {
            KeepaliveAgent.warn("kafka-clients " + (version.text().isEmpty() ? "of unknown version" : version.text())
                    + " is not one of 2.8 to 4.x; its sockets stay as they are");
        }
        return false;
    }

    @Override
    public DatagramChannel openDatagramChannel() throws IOException {
        return jdk.openDatagramChannel();
    }

    @Override
    public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
        return jdk.openDatagramChannel(family);
    }

    @Override
    public Pipe openPipe() throws IOException {
        return jdk.openPipe();
    }

    @Override
    public ServerSocketChannel openServerSocketChannel() throws IOException {
        return jdk.openServerSocketChannel();
    }

    @Override
    public ServerSocketChannel openServerSocketChannel(ProtocolFamily family) throws IOException {
        return jdk.openServerSocketChannel(family);
    }

    @Override
    public SocketChannel openSocketChannel() throws IOException {
        return jdk.openSocketChannel();
    }

    @Override
    public SocketChannel openSocketChannel(ProtocolFamily family) throws IOException {
        return jdk.openSocketChannel(family);
    }

    @Override
    public Channel inheritedChannel() throws IOException {
        return jdk.inheritedChannel();
    }
}
