package blackhole.lab;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.RequestHeader;

/** What a broker tells a client to connect to. */
final class Advertised {

    private static final short METADATA_VERSION = 12;

    private Advertised() {}

    /** Asks for the metadata by hand: Kafka's clients would follow the advertised address at once. */
    static String by(InetSocketAddress listener) throws IOException {
        RequestHeader header = new RequestHeader(ApiKeys.METADATA, METADATA_VERSION, "it", 1);
        ByteBuffer request =
                MetadataRequest.Builder.allTopics().build(METADATA_VERSION).serializeWithHeader(header);
        try (Socket socket = new Socket(listener.getAddress(), listener.getPort())) {
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeInt(request.remaining());
            out.write(request.array(), request.arrayOffset() + request.position(), request.remaining());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] answer = in.readNBytes(in.readInt());
            MetadataResponse response =
                    (MetadataResponse) AbstractResponse.parseResponse(ByteBuffer.wrap(answer), header);
            Node node = response.brokers().iterator().next();
            return node.host() + ":" + node.port();
        }
    }
}
