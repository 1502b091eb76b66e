package blackhole.keepalive;

import java.io.IOException;
import java.lang.StackWalker.StackFrame;
import java.lang.instrument.Instrumentation;
import java.net.ProtocolFamily;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Delegates to the JDK's provider, except for the selector of a Kafka client that is built inside
 * {@link SocketTuning#with}, or anywhere if {@link KeepaliveAgent} was given options. No class is rewritten. Public with a
 * public constructor because the JDK instantiates it by name.
 */
public final class TunedSelectorProvider extends SelectorProvider {

    private static final String PROVIDER_PROPERTY = "java.nio.channels.spi.SelectorProvider";
    private static final String INTERNALS = "sun.nio.ch";

    /** Matched as a suffix, for applications that relocate Kafka's packages. */
    private static final String KAFKA_SELECTOR = ".org.apache.kafka.common.network.Selector";

    private static final StackWalker CALLERS = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    private static final String JDK_CHANNELS = "java.nio.channels.";

    private final SelectorProvider jdk;
    private final KernelSockets kernel;
    private final AtomicBoolean warned = new AtomicBoolean();
    private final AtomicBoolean warnedOfFault = new AtomicBoolean();

    public TunedSelectorProvider() {
        this.kernel = new KernelSockets();
        this.jdk = kernel.defaultProvider();
    }

    /**
     * Opens the JDK's {@code sun.nio.ch} to this package and makes this the JVM's selector provider.
     *
     * @throws UnsupportedJdkException if this JDK can't do it; nothing was changed then
     * @throws IllegalStateException if the JVM has another selector provider
     */
    static void install(Instrumentation instrumentation) {
        String ours = TunedSelectorProvider.class.getName();
        String present = System.getProperty(PROVIDER_PROPERTY);
        if (present != null && !present.equals(ours)) {
            throw new IllegalStateException("the JVM already has the selector provider " + present + "; remove -D"
                    + PROVIDER_PROPERTY + " or this agent");
        }
        Set<Module> us = Set.of(TunedSelectorProvider.class.getModule());
        instrumentation.redefineModule(
                Object.class.getModule(), Set.of(), Map.of(INTERNALS, us), Map.of(INTERNALS, us), Set.of(), Map.of());
        // Fail before the JDK depends on a provider that it can't instantiate.
        new KernelSockets();
        System.setProperty(PROVIDER_PROPERTY, ours);
        if (!isInstalled()) {
            throw new IllegalStateException("the JVM already uses the selector provider "
                    + SelectorProvider.provider().getClass().getName()
                    + "; start this agent with -javaagent, before other agents and before anything opens a selector");
        }
    }

    static boolean isInstalled() {
        return SelectorProvider.provider() instanceof TunedSelectorProvider;
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

    /** Reports a fault of the agent once; it must never become a fault of the application. */
    void failed(Throwable fault) {
        if (warnedOfFault.compareAndSet(false, true)) {
            KeepaliveAgent.warn("some of Kafka's sockets keep their options, because of " + fault + " (reported once)");
        }
    }

    private AbstractSelector tuned(AbstractSelector plain) {
        Optional<SocketTuning> inScope = SocketTuning.inScope();
        Optional<SocketTuning> tuning = inScope.or(SocketTuning::outsideScopes);
        if (tuning.isEmpty()) {
            return plain;
        }
        Optional<Class<?>> kafka = callerIfKafka();
        if (kafka.isEmpty() || (inScope.isEmpty() && !isSupported(kafka.get()))) {
            return plain;
        }
        return new TunedSelector(this, plain, tuning.get(), kernel);
    }

    /** Returns the first caller outside this class and {@code Selector.open()}. */
    private static Optional<Class<?>> callerIfKafka() {
        return CALLERS.walk(frames -> frames.<Class<?>>map(StackFrame::getDeclaringClass)
                        .filter(caller -> caller != TunedSelectorProvider.class)
                        .filter(caller -> !caller.getName().startsWith(JDK_CHANNELS))
                        .findFirst())
                .filter(caller -> ("." + caller.getName()).endsWith(KAFKA_SELECTOR));
    }

    /** Only for clients built outside a scope: whoever calls {@link SocketTuning#with} knows the Kafka version. */
    private boolean isSupported(Class<?> kafka) {
        KafkaVersion version = KafkaVersion.of(kafka);
        if (version.isSupported()) {
            return true;
        }
        if (warned.compareAndSet(false, true)) {
            KeepaliveAgent.warn("kafka-clients " + (version.text().isEmpty() ? "of unknown version" : version.text())
                    + " is not one of 2.8 to 4.x; its sockets keep their options");
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
