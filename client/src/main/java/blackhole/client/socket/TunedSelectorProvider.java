package blackhole.client.socket;

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

/**
 * The JDK's own provider, but for the selector of a Kafka client that is built inside {@link SocketTuning#with}. Public
 * with a public constructor because the JDK makes it by name.
 */
public final class TunedSelectorProvider extends SelectorProvider {

    private static final String KAFKA_NETWORK = "org.apache.kafka.common.network.";
    private static final String JDK_CHANNELS = "java.nio.channels.";

    private final SelectorProvider jdk;
    private final KernelSockets kernel;

    public TunedSelectorProvider() {
        this.kernel = KernelSockets.ofThisJdk();
        this.jdk = kernel.defaultProvider();
    }

    @Override
    public AbstractSelector openSelector() throws IOException {
        AbstractSelector plain = jdk.openSelector();
        Optional<SocketTuning> tuning = SocketTuning.inScope();
        if (tuning.isEmpty() || !calledByKafka()) {
            return plain;
        }
        return new TunedSelector(this, plain, tuning.get(), kernel);
    }

    /** The first caller that is neither this class nor {@code Selector.open()}. */
    private static boolean calledByKafka() {
        return StackWalker.getInstance()
                .walk(frames -> frames.map(StackFrame::getClassName)
                        .filter(name -> !name.equals(TunedSelectorProvider.class.getName()))
                        .filter(name -> !name.startsWith(JDK_CHANNELS))
                        .findFirst())
                .map(name -> name.startsWith(KAFKA_NETWORK))
                .orElse(false);
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
