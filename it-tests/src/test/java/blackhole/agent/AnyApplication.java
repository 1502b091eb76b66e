package blackhole.agent;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Somebody's application, which knows nothing of agents: a producer, a consumer and an admin client, and beside them
 * sockets of its own to another port. Written with what kafka-clients 2.8 and Netty 4.1 have. Says {@code ready}, and
 * ends with its standard input.
 *
 * <p>Arguments: bootstrap server, topic, port for the other sockets, and the consumer's group.protocol if it has any.
 */
final class AnyApplication {

    private AnyApplication() {}

    public static void main(String[] arguments) throws Exception {
        String topic = arguments[1];
        InetSocketAddress elsewhere = new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[2]));
        Map<String, Object> settings = Map.of("bootstrap.servers", arguments[0]);
        Map<String, Object> consuming = new HashMap<>(settings);
        consuming.put("group.id", "group-" + ProcessHandle.current().pid());
        consuming.put("auto.offset.reset", "earliest");
        if (arguments.length > 3) {
            consuming.put("group.protocol", arguments[3]);
        }

        try (KafkaProducer<String, String> producer =
                        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
                KafkaConsumer<String, String> consumer =
                        new KafkaConsumer<>(consuming, new StringDeserializer(), new StringDeserializer());
                Admin admin = Admin.create(settings);
                Selector selector = Selector.open();
                SocketChannel channel = SocketChannel.open();
                Socket socket = new Socket("127.0.0.1", elsewhere.getPort());
                Socket withKeepalive = new Socket("127.0.0.1", elsewhere.getPort())) {
            channel.configureBlocking(false);
            channel.connect(elsewhere);
            channel.register(selector, SelectionKey.OP_CONNECT);
            while (!channel.finishConnect()) {
                selector.select(100);
            }
            withKeepalive.setKeepAlive(true);
            EventLoopGroup netty = netty();
            Channel nettys = new Bootstrap()
                    .group(netty)
                    .channel(NioSocketChannel.class)
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect(elsewhere)
                    .sync()
                    .channel();

            producer.send(new ProducerRecord<>(topic, "hello")).get();
            admin.describeCluster().nodes().get();
            consumer.subscribe(List.of(topic));
            while (consumer.poll(Duration.ofMillis(100)).isEmpty()) {
                // Until the group is there.
            }

            System.out.println("ready " + nettys.isActive() + socket.isConnected());
            while (System.in.read() >= 0) {
                // Until the test closes it.
            }
            // Awaited, because the fat jar's class loader is closed after this.
            netty.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
            netty.terminationFuture().sync();
        }
    }

    @SuppressWarnings("deprecation") // Netty 4.1, which the application runs with, has no other.
    private static EventLoopGroup netty() {
        // Netty 4.1's own use of Unsafe makes a JDK 24 or later print warnings.
        System.setProperty("io.netty.noUnsafe", "true");
        return new NioEventLoopGroup(1);
    }
}
