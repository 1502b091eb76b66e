package blackhole.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Brokers for a program that isn't written in Java, such as {@code clients/measure}: it writes commands to the standard
 * input, one a line, and reads one line for each from the standard output.
 *
 * <pre>
 * java blackhole.lab.BrokerProcess NODES [KEYSTORE PASSWORD USER SECRET]
 *
 *                           upstreams HOST:PORT ...   printed first: where the proxy's routes lead, one a node
 * start HOST:PORT ...       ok                        what each node advertises: the proxy's addresses
 * create TOPIC PARTITIONS   ok
 * read TOPIC                ok VALUE ...              all values of the topic, which contain no spaces
 *                           failed MESSAGE            instead of ok
 * </pre>
 *
 * <p>With a PKCS12 keystore, the nodes expect SASL_SSL from the proxy's clients. The end of the input ends the brokers.
 */
final class BrokerProcess {

    private final KafkaBroker brokers;

    private BrokerProcess(KafkaBroker brokers) {
        this.brokers = brokers;
    }

    public static void main(String[] args) throws IOException {
        int nodes = Integer.parseInt(args[0]);
        try (KafkaBroker brokers = EmbeddedCluster.reserve(nodes, () -> builder(args))) {
            print("upstreams " + brokers.upstreams().stream().map(HostPort::of).collect(Collectors.joining(" ")));
            new BrokerProcess(brokers).serve();
        }
        System.exit(0);
    }

    private static EmbeddedKafka.Builder builder(String... args) {
        EmbeddedKafka.Builder builder = EmbeddedKafka.builder();
        return args.length == 1 ? builder : builder.saslSsl(new SaslSsl(Path.of(args[1]), args[2], args[3], args[4]));
    }

    private void serve() throws IOException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            print(answer(List.of(line.split(" "))));
        }
    }

    private String answer(List<String> command) {
        try {
            return switch (command.get(0)) {
                case "start" -> {
                    brokers.start(
                            command.stream().skip(1).map(BrokerProcess::address).toList());
                    yield "ok";
                }
                case "create" -> {
                    topics().create(command.get(1), Integer.parseInt(command.get(2)));
                    yield "ok";
                }
                case "read" -> "ok " + String.join(" ", topics().read(command.get(1)));
                default -> "failed unknown command " + command;
            };
        } catch (RuntimeException e) {
            return "failed " + e.getMessage();
        }
    }

    private Topics topics() {
        return new Topics(brokers.directBootstrap());
    }

    private static InetSocketAddress address(String hostPort) {
        List<String> parts = Arrays.asList(hostPort.split(":"));
        return new InetSocketAddress(parts.get(0), Integer.parseInt(parts.get(1)));
    }

    private static void print(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
