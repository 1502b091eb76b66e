package blackhole.lab;

import blackhole.client.scenario.ScenarioSettings;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One broker for several tests at the same time, each with a proxy and a topic of its own.
 *
 * @param lab has a proxy for each test
 */
public record SharedLab(Lab lab, AtomicInteger taken) implements AutoCloseable {

    /** What one test has to itself. */
    public record Share(WatchedProxy proxy, String topic, Topics topics) {

        public ScenarioSettings.Builder settings() {
            return ScenarioSettings.builder(proxy.bootstrap(), topic);
        }
    }

    public static SharedLab of(Lab lab) {
        return new SharedLab(lab, new AtomicInteger());
    }

    /** The next proxy, and a new topic with one partition. */
    public Share next() {
        int number = taken.getAndIncrement();
        String topic = "orders-" + number;
        lab.topics().create(topic, 1);
        return new Share(lab.proxies().get(number), topic, lab.topics());
    }

    @Override
    public void close() {
        lab.close();
    }
}
