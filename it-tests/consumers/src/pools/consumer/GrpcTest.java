package consumer;

import blackhole.junit.BlackholeExtension;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class GrpcTest {

    /** gRPC sends pings every 10 s at most. */
    private static final Duration PATIENT_IDLE_TIMEOUT = Duration.ofSeconds(12);

    private static final Marshaller<String> NOTHING = new Marshaller<>() {
        @Override
        public InputStream stream(String value) {
            return new ByteArrayInputStream(new byte[0]);
        }

        @Override
        public String parse(InputStream stream) {
            return "";
        }
    };
    private static final MethodDescriptor<String, String> CALL = MethodDescriptor.newBuilder(NOTHING, NOTHING)
            .setType(MethodType.UNARY)
            .setFullMethodName("service/call")
            .build();

    private static Server server;

    @RegisterExtension
    final BlackholeExtension nat = nat(IdleClient.IDLE_TIMEOUT);

    @RegisterExtension
    final BlackholeExtension patientNat = nat(PATIENT_IDLE_TIMEOUT);

    @BeforeAll
    static void start() throws Exception {
        server = NettyServerBuilder.forPort(0)
                // By default the server closes the connection of a client that pings this often.
                .permitKeepAliveTime(5, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .addService(ServerServiceDefinition.builder("service")
                        .addMethod(CALL, ServerCalls.asyncUnaryCall((request, response) -> {
                            response.onNext("");
                            response.onCompleted();
                        }))
                        .build())
                .build()
                .start();
    }

    @AfterAll
    static void stop() {
        server.shutdownNow();
    }

    @Test
    void hangsByDefault() throws Exception {
        ManagedChannel channel = channel(nat).build();
        try {
            IdleClient.assertHangsAfterExpiry(nat, () -> call(channel));
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void keepaliveWithoutCallsHelps() throws Exception {
        ManagedChannel channel = channel(patientNat)
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveWithoutCalls(true)
                .build();
        try {
            IdleClient.assertIsKeptAlive(patientNat, PATIENT_IDLE_TIMEOUT, () -> call(channel));
        } finally {
            channel.shutdownNow();
        }
    }

    private static BlackholeExtension nat(Duration idleTimeout) {
        return BlackholeExtension.builder()
                .upstream(() -> "127.0.0.1:" + server.getPort())
                .idleTimeout(idleTimeout)
                .build();
    }

    private static NettyChannelBuilder channel(BlackholeExtension nat) {
        return NettyChannelBuilder.forTarget(nat.hostAndPort()).usePlaintext();
    }

    private static String call(ManagedChannel channel) {
        return ClientCalls.blockingUnaryCall(channel, CALL, CallOptions.DEFAULT, "");
    }
}
