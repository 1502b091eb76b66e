package blackhole.middlebox;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Captures what a class logs, whatever its level, instead of printing it. */
public final class LogCapture implements AutoCloseable {
    private final Logger logger;
    private final List<LogRecord> records = new CopyOnWriteArrayList<>();
    private Runnable onLog = () -> {};
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord logged) {
            records.add(logged);
            onLog.run();
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    public LogCapture(Class<?> logging) {
        logger = Logger.getLogger(logging.getName());
        logger.setUseParentHandlers(false);
        logger.setLevel(Level.ALL);
        logger.addHandler(handler);
    }

    /** Runs something whenever a line is logged. */
    public void onLog(Runnable action) {
        onLog = action;
    }

    public List<LogRecord> records() {
        return records;
    }

    public long count(Level level) {
        return records.stream()
                .filter(logged -> logged.getLevel().equals(level))
                .count();
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
        logger.setLevel(null);
        logger.setUseParentHandlers(true);
    }
}
