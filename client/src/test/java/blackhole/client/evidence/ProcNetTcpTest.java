package blackhole.client.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lines as kernels write them. */
class ProcNetTcpTest {

    @BeforeEach
    void linesAreThoseOfALittleEndianMachine() {
        assumeTrue(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN, "the addresses below are little-endian");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            02:00000E10 00000000     0        2         | keepalive,36s,2
            01:00000078 00000003     0        0         | on,1.2s,3
            00:00000000 00000000     0        0         | none
            01:FFFFFFFFFFFFFFFF 00000001     0        0 | on,0ms,1
            """)
    void timerIsReadWithUnansweredProbesOrRetransmissions(String fields, String timer) {
        assertThat(found("   0: 0100007F:9C40 0100007F:4A94 01 00000000:00000000 " + fields + " 1 1 0 20 4 30 10 -1")
                        .timer())
                .hasToString(timer);
    }

    @Test
    void mappedAddressOfAJvmIsFoundByItsIpv4One() {
        assertThat(found("   1: 0000000000000000FFFF00000100007F:9C40 0000000000000000FFFF00000100007F:4A94 01"
                                + " 00000000:00000000 02:00000E10 00000000     0        0 1")
                        .state())
                .isEqualTo("ESTAB");
    }

    private static ProcNetTcp.Line found(String line) {
        ProcNetTcp table = new ProcNetTcp();
        table.parse(List.of("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt", line));
        return table.find(new InetSocketAddress("127.0.0.1", 40_000), new InetSocketAddress("127.0.0.1", 19_092))
                .orElseThrow();
    }
}
