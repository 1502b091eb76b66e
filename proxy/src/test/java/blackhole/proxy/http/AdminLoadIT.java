package blackhole.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import blackhole.proxy.events.EventReader;
import blackhole.proxy.events.EventStreamIT;
import blackhole.proxy.http.AdminRig.Connection;
import com.fasterxml.jackson.databind.JsonNode;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Live and expired flows while settings change all the time and one reader takes nothing. */
class AdminLoadIT {
    private static final int FLOWS = 100;
    private static final int CHANGES = 300;
    private static final long MEGABYTE = 1024 * 1024;
    private static final long MOST_GROWTH = 48 * MEGABYTE;

    @Test
    void settingsChangeAllTheTimeAndNoFlowBreaks() throws Exception {
        try (AdminRig rig = AdminRig.start()) {
            List<Connection> blackholed = rig.connect(FLOWS);
            for (Connection connection : blackholed) {
                connection.exchange();
            }
            rig.post("/api/v1/flows/expire?client=127.0.0.1").ok();
            List<Connection> live = rig.connect(FLOWS);
            long before = usedHeap();
            try (Socket stalled = EventStreamIT.stalledReader(rig)) {
                EventReader reader = rig.events("");

                for (int i = 1; i <= CHANGES; i++) {
                    rig.patch(EventStreamIT.largePatch(i)).ok();
                    live.get(i % FLOWS).exchange();
                    if (i % 20 == 0) {
                        blackholed.get(i % FLOWS).send();
                    }
                }

                await().atMost(AdminRig.PATIENCE).untilAsserted(() -> assertThat(reader.all().stream()
                                .filter(event -> event.type().equals("middlebox-changed")))
                        .hasSize(CHANGES));
                assertThat(reader.types()).doesNotContain("missed");
                reader.close();
                for (Connection connection : live) {
                    connection.exchange();
                }
                JsonNode states = rig.get("/api/v1/flows?limit=0").ok().get("states");
                assertThat(states.get("live").intValue()).isEqualTo(FLOWS);
                assertThat(states.get("blackholed").intValue()).isEqualTo(FLOWS);
                assertThat(stalled.isClosed()).isFalse();
                assertThat(usedHeap() - before).isLessThan(MOST_GROWTH);
            }
            assertThat(rig.post("/api/v1/flows/heal?client=127.0.0.1").ok().get("flows"))
                    .hasSize(FLOWS);
        }
    }

    private static long usedHeap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
