package blackhole.lab;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.RequestHeader;

/** The metadata that one broker of a cluster returns. */
record BrokerMetadata(MetadataResponse response) {

    private static final short VERSION = 12;
    private static final int LIMIT_MILLIS = 30_000;

    /** Asks by hand, over a listener without security: Kafka's clients would follow the advertised address at once. */
    static BrokerMetadata of(InetSocketAddress listener) throws IOException {
        RequestHeader header = new RequestHeader(ApiKeys.METADATA, VERSION, "lab", 1);
        ByteBuffer request = MetadataRequest.Builder.allTopics().build(VERSION).serializeWithHeader(header);
        try (Socket socket = new Socket(listener.getAddress(), listener.getPort())) {
            socket.setSoTimeout(LIMIT_MILLIS);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeInt(request.remaining());
            out.write(request.array(), request.arrayOffset() + request.position(), request.remaining());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] answer = in.readNBytes(in.readInt());
            return new BrokerMetadata(
                    (MetadataResponse) AbstractResponse.parseResponse(ByteBuffer.wrap(answer), header));
        }
    }

    /** The advertised address of the first of the cluster's brokers, {@code HOST:PORT}. */
    String advertised() {
        return response.brokers().stream()
                .map(node -> node.host() + ":" + node.port())
                .findFirst()
                .orElseThrow();
    }

    boolean hasTopic(String name) {
        return response.topicMetadata().stream()
                .anyMatch(topic -> topic.topic().equals(name) && topic.error() == Errors.NONE);
    }
}
