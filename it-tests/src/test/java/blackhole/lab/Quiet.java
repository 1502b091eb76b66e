package blackhole.lab;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** Keeps faults that a test provokes out of its log. */
final class Quiet {

    private Quiet() {}

    /** Runs an action while a logger and those below it say nothing. */
    static void about(String name, Runnable action) {
        Logger logger = (Logger) LoggerFactory.getLogger(name);
        Level before = logger.getLevel();
        logger.setLevel(Level.OFF);
        try {
            action.run();
        } finally {
            logger.setLevel(before);
        }
    }
}
