package blackhole.bench;

import static org.awaitility.Awaitility.await;

import blackhole.middlebox.Middlebox;
import blackhole.middlebox.config.Endpoint;
import blackhole.proxy.http.AdminServer;
import blackhole.support.Browser;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** How fluidly the live page draws many flows while some of them expire and discard segments. */
record PageFrames(Path directory, int rounds) {
    private static final int FLOWS = 1_000;
    private static final int EXPIRING = 300;

    /** Longer than the script's measurement. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final String MEASURE = """
            window.measured = [];
            const times = [];
            const frame = (time) => {
              times.push(time);
              if (time - times[0] > 6000) {
                const gaps = times.slice(1).map((at, i) => at - times[i]).sort((a, b) => a - b);
                window.measured = [gaps.length, gaps[gaps.length >> 1], gaps[Math.floor(gaps.length * 0.95)]];
              } else {
                requestAnimationFrame(frame);
              }
            };
            requestAnimationFrame(frame);
            """;

    void run(Results results) throws Exception {
        try (Servers servers = new Servers();
                Middlebox proxy = Middlebox.builder()
                        .route("0=127.0.0.1:" + servers.echoPorts().get(0))
                        .start();
                AdminServer admin = AdminServer.start(proxy, Endpoint.parseListen("0"), null);
                HeldFlows flows = HeldFlows.open(FLOWS, List.of(proxy.address().getPort()));
                Browser browser = Browser.start(directory.resolve("chromium"))) {
            flows.touch();
            browser.open("http://" + admin.endpoint() + "/");
            browser.waitForText("[data-total=live]", "1,000"::equals);
            for (int round = 1; round <= rounds; round++) {
                proxy.heal(flow -> true);
                browser.script(MEASURE);
                proxy.expire(flow -> flow.id() <= EXPIRING);
                flows.send(EXPIRING);
                record(round, frames(browser), results.recorder(Contender.BLACKHOLE));
            }
        }
    }

    private static List<Double> frames(Browser browser) {
        return await().atMost(PATIENCE)
                .until(() -> browser.numbers("return window.measured"), numbers -> !numbers.isEmpty());
    }

    private static void record(int round, List<Double> frames, Measure.Recorder recorder) {
        System.out.println(String.format(
                Locale.ROOT,
                "live page, round %d: %.0f frames, median %.1f ms, p95 %.1f ms",
                round,
                frames.get(0),
                frames.get(1),
                frames.get(2)));
        String row = "live page, %,d flows: ".formatted(FLOWS);
        recorder.more(row + "frames in 6 s", "", frames.get(0));
        recorder.less(row + "time between frames, median", "ms", frames.get(1));
        recorder.less(row + "time between frames, p95", "ms", frames.get(2));
    }
}
