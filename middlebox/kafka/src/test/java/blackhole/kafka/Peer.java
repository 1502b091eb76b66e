package blackhole.kafka;

import blackhole.middlebox.config.Endpoint;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/** One end of a connection that speaks Kafka's protocol: a client of the proxy, or a broker behind it. */
final class Peer implements AutoCloseable {
    private static final int PATIENCE = 20_000;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    private Peer(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(PATIENCE);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
    }

    static Peer connect(Endpoint to) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(to.host(), to.port()), PATIENCE);
        return new Peer(socket);
    }

    static Peer accept(ServerSocket server) throws IOException {
        return new Peer(server.accept());
    }

    void send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    void sendInPieces(byte[] bytes) throws IOException {
        for (byte each : bytes) {
            out.write(each);
            out.flush();
        }
    }

    void finish() throws IOException {
        socket.shutdownOutput();
    }

    byte[] receive(int length) throws IOException {
        return in.readNBytes(length);
    }

    /** A whole frame, with its length. */
    byte[] receiveFrame() throws IOException {
        int length = in.readInt();
        return ByteBuffer.allocate(Integer.BYTES + length)
                .putInt(length)
                .put(in.readNBytes(length))
                .array();
    }

    /** Whether the connection ends, by FIN or RST, before another byte. */
    boolean hasEnded() throws IOException {
        try {
            return in.read() < 0;
        } catch (java.net.SocketException e) {
            return true;
        }
    }

    long skip(long bytes) throws IOException {
        in.skipNBytes(bytes);
        return bytes;
    }

    DataOutputStream out() {
        return out;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    static byte[] request(ApiKeys api, int version, int correlationId, byte[] body) {
        return request(api.id, version, correlationId, "a-client", body);
    }

    /** A request with a header of version 1, which all newer ones begin with. */
    static byte[] request(short key, int version, int correlationId, String clientId, byte[] body) {
        RequestHeaderData header = new RequestHeaderData()
                .setRequestApiKey(key)
                .setRequestApiVersion((short) version)
                .setCorrelationId(correlationId)
                .setClientId(clientId);
        byte[] head = bytes(header, (short) 1);
        return frame(head, body);
    }

    static byte[] response(ApiKeys api, int version, int correlationId, ApiMessage body) {
        return frame(
                bytes(new ResponseHeaderData().setCorrelationId(correlationId), api.responseHeaderVersion((short)
                        version)),
                bytes(body, (short) version));
    }

    static byte[] frame(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteBuffer frame = ByteBuffer.allocate(Integer.BYTES + length).putInt(length);
        for (byte[] part : parts) {
            frame.put(part);
        }
        return frame.array();
    }

    static byte[] bytes(ApiMessage message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(buffer), cache, version);
        return buffer.array();
    }

    /** Reads a response's body. */
    static <T extends ApiMessage> T parse(byte[] frame, ApiKeys api, int version, int correlationId, T into) {
        ByteBuffer buffer = ByteBuffer.wrap(frame, Integer.BYTES, frame.length - Integer.BYTES);
        ByteBufferAccessor readable = new ByteBufferAccessor(buffer);
        ResponseHeaderData header = new ResponseHeaderData(readable, api.responseHeaderVersion((short) version));
        if (header.correlationId() != correlationId) {
            throw new AssertionError("correlation id " + header.correlationId() + " instead of " + correlationId);
        }
        into.read(readable, (short) version);
        if (buffer.hasRemaining()) {
            throw new AssertionError(buffer.remaining() + " bytes too long");
        }
        return into;
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
