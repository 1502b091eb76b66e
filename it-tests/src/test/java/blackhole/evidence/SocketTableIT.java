package blackhole.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import blackhole.client.evidence.KernelTimer;
import blackhole.client.evidence.RunEvent;
import blackhole.client.evidence.SnapshotTime;
import blackhole.client.evidence.SocketInfo;
import blackhole.client.evidence.SocketRow;
import blackhole.client.evidence.SocketTable;
import blackhole.client.scenario.Scenario;
import blackhole.client.scenario.ScenarioListener;
import blackhole.client.scenario.ScenarioReport;
import blackhole.client.scenario.Verdict;
import blackhole.keepalive.SocketOptions;
import blackhole.lab.Lab;
import blackhole.lab.SharedLab;
import blackhole.support.Ss;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The table of the producer's sockets says what {@code ss -tino} says, at every moment at which it is taken. */
@Tag("broker")
@Execution(ExecutionMode.CONCURRENT)
class SocketTableIT {

    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(3);
    private static final SocketOptions USER_TIMEOUT_ONLY = SocketOptions.OFF.withUserTimeout(Duration.ofSeconds(4));
    private static final SocketOptions KEEPALIVE_TOO_SLOW =
            SocketOptions.keepAlive(Duration.ofSeconds(37), Duration.ofSeconds(9), 3);
    private static final SocketOptions KEEPALIVE_ON =
            SocketOptions.keepAlive(Duration.ofSeconds(1), Duration.ofSeconds(1), 3);

    private static SharedLab labs;

    @BeforeAll
    static void start() {
        labs = SharedLab.of(Lab.builder().proxies(3).idleTimeout(IDLE_TIMEOUT).start());
    }

    @AfterAll
    static void stop() {
        labs.close();
    }

    private static final Pattern RETRANS = Pattern.compile(" retrans:\\d+/(\\d+)");

    private record Pair(SocketTable table, SocketRow row, Ss ss) {
        /** Whether nothing was sent between the two looks, as a retransmission or the user timeout does. */
        boolean isComparable() {
            SocketInfo info = Objects.requireNonNull(row.info());
            return info.totalRetransmits() == retransmitsInAll(ss) && info.bytesSent() == ss.number("bytes_sent");
        }
    }

    /** Asks ss right after each table; what the two saw is compared when the run is over. */
    private static final class Compared implements ScenarioListener {

        final List<Pair> pairs = Collections.synchronizedList(new ArrayList<>());

        @Override
        public void sockets(SocketTable table) {
            for (SocketRow row : table.rows()) {
                Ss.connection(row.local().getPort(), row.remote().getPort())
                        .ifPresent(ss -> pairs.add(new Pair(table, row, ss)));
            }
        }

        List<Pair> at(SnapshotTime moment) {
            return pairs.stream().filter(pair -> pair.table().when() == moment).toList();
        }
    }

    @Test
    void tableOfAStalledProducerIsWhatSsShows() throws Exception {
        Ss.orSkip();
        Compared compared = new Compared();

        ScenarioReport report = play(USER_TIMEOUT_ONLY, compared);

        assertThat(report.verdict()).isEqualTo(Verdict.RECOVERED);
        assertSame(
                compared,
                SnapshotTime.AFTER_BURST,
                SnapshotTime.MID_IDLE,
                SnapshotTime.RETRANSMISSION,
                SnapshotTime.STALLED,
                SnapshotTime.RECOVERED);
        assertThat(compared.at(SnapshotTime.MID_IDLE))
                .allSatisfy(pair -> assertThat(pair.row().timer()).isEqualTo(KernelTimer.NONE));
        assertThat(compared.at(SnapshotTime.STALLED)).anySatisfy(pair -> {
            assertThat(Objects.requireNonNull(pair.row().timer()).kind()).isEqualTo(KernelTimer.Kind.ON);
            assertThat(Objects.requireNonNull(pair.row().info()).unacked()).isPositive();
            assertThat(Objects.requireNonNull(pair.row().info()).backoff()).isPositive();
        });
        assertThat(backoffs(compared)).isSorted().hasSizeGreaterThan(1);
        assertThat(kinds(report))
                .contains(RunEvent.Kind.OPENED, RunEvent.Kind.CONNECTED, RunEvent.Kind.RETRANSMISSION)
                .contains(RunEvent.Kind.TIMER, RunEvent.Kind.CLOSED)
                .doesNotContain(RunEvent.Kind.KEEPALIVE_PROBE);
    }

    @Test
    void keepaliveTimerCountsDownAsSsShowsIt() throws Exception {
        Ss.orSkip();
        Compared compared = new Compared();

        play(KEEPALIVE_TOO_SLOW.withUserTimeout(Duration.ofSeconds(2)), compared);

        assertSame(compared, SnapshotTime.AFTER_BURST, SnapshotTime.MID_IDLE, SnapshotTime.STALLED);
        assertThat(compared.at(SnapshotTime.MID_IDLE)).isNotEmpty().allSatisfy(pair -> {
            KernelTimer timer = Objects.requireNonNull(pair.row().timer());
            assertThat(timer.kind()).isEqualTo(KernelTimer.Kind.KEEPALIVE);
            assertThat(timer.remaining()).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(36));
            assertThat(timer.toString()).startsWith("keepalive,3").endsWith("s,0");
        });
    }

    @Test
    void keepaliveProbesAreSeenInTheIdleTime() throws Exception {
        ScenarioReport report = play(KEEPALIVE_ON, ScenarioListener.NONE);

        assertThat(report.verdict()).isEqualTo(Verdict.IMMEDIATE);
        List<RunEvent> probes = report.evidence().events().stream()
                .filter(event -> event.kind() == RunEvent.Kind.KEEPALIVE_PROBE)
                .toList();
        // Two connections, idle for five seconds, a keepalive probe a second; a look may come before an answer.
        assertThat(probes).hasSizeBetween(4, 14).allSatisfy(probe -> assertThat(probe.text())
                .isIn("answered", "1 unanswered"));
        assertThat(probes.stream()
                        .filter(probe -> probe.text().equals("answered"))
                        .map(RunEvent::socket)
                        .distinct())
                .hasSize(2);
    }

    /** Compares what was at rest; at least one socket was, at each of these moments. */
    private static void assertSame(Compared compared, SnapshotTime... moments) {
        assertThat(compared.pairs).allSatisfy(pair -> {
            assertThat(pair.row().state())
                    .as(pair.ss().line())
                    .isEqualTo(pair.ss().state());
            assertThat(pair.ss().line())
                    .contains("127.0.0.1")
                    .contains(":" + pair.row().local().getPort());
        });
        List<Pair> comparable =
                compared.pairs.stream().filter(Pair::isComparable).toList();
        assertThat(comparable).extracting(pair -> pair.table().when()).contains(moments);
        assertThat(comparable).allSatisfy(pair -> assertSame(pair.row(), pair.ss()));
    }

    private static void assertSame(SocketRow row, Ss ss) {
        SocketInfo info = Objects.requireNonNull(row.info());
        KernelTimer timer = Objects.requireNonNull(row.timer());
        assertThat(timer.kind().name().toLowerCase(Locale.ROOT)).as(ss.line()).isEqualTo(ss.timerKind());
        // What ss took to start, by the socket's own clock.
        double later = (ss.number("lastsnd") - info.sinceDataSent().toMillis()) / 1000.0;
        assertThat(later).as(ss.line()).isBetween(-0.1, 10.0);
        if (timer.kind() != KernelTimer.Kind.NONE) {
            // From ten seconds on ss cuts to whole ones.
            double cut = ss.timerSeconds() >= 10 ? 1 : 0;
            assertThat(timer.remaining().toMillis() / 1000.0 - later - ss.timerSeconds())
                    .as(ss.line())
                    .isBetween(-0.6, 0.6 + cut);
        }
        assertThat(info.rto().toMillis()).as(ss.line()).isEqualTo(ss.number("rto"));
        assertThat(info.backoff()).as(ss.line()).isEqualTo((int) ss.number("backoff"));
        assertThat(info.unacked()).as(ss.line()).isEqualTo((int) ss.number("unacked"));
        assertThat(info.bytesAcked()).as(ss.line()).isEqualTo(ss.number("bytes_acked"));
        // A delayed acknowledgement may go out between the two looks.
        assertThat(ss.number("segs_out") - info.segmentsOut()).as(ss.line()).isBetween(0L, 1L);
    }

    /** ss writes {@code retrans:now/total}. */
    private static int retransmitsInAll(Ss ss) {
        Matcher field = RETRANS.matcher(ss.line());
        return field.find() ? Integer.parseInt(field.group(1)) : 0;
    }

    /** Of the socket that waits longest, table by table. */
    private static List<Integer> backoffs(Compared compared) {
        int stalled = compared.at(SnapshotTime.STALLED).stream()
                .filter(pair -> Objects.requireNonNull(pair.row().info()).unacked() > 0)
                .findFirst()
                .orElseThrow()
                .row()
                .id();
        return compared.pairs.stream()
                .filter(pair -> pair.row().id() == stalled)
                .filter(pair -> pair.table().when() == SnapshotTime.STALLED
                        || pair.table().when() == SnapshotTime.RETRANSMISSION)
                .map(pair -> Objects.requireNonNull(pair.row().info()).backoff())
                .toList();
    }

    private static List<RunEvent.Kind> kinds(ScenarioReport report) {
        return report.evidence().events().stream()
                .map(RunEvent::kind)
                .distinct()
                .toList();
    }

    private static ScenarioReport play(SocketOptions options, ScenarioListener listener) throws InterruptedException {
        return Scenario.run(
                labs.next()
                        .settings()
                        .burstSize(10)
                        .idle(Duration.ofSeconds(5))
                        .socketOptions(options)
                        .requestTimeout(Duration.ofSeconds(15))
                        .build(),
                listener);
    }
}
