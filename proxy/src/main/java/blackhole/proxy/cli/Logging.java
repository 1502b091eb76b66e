package blackhole.proxy.cli;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import org.slf4j.LoggerFactory;

/**
 * Sets up the log on standard output. In code, so that the jar brings no logback.xml into projects that use it as a
 * library. Lines are written by a thread of their own, and dropped if standard output is blocked. Flow events, tens of
 * thousands a second, have their own {@link EventLog}.
 */
final class Logging {
    private static final String LINE = "%d{\"yyyy-MM-dd'T'HH:mm:ss.SSS'Z'\",UTC} %-5level %msg%n";
    private static final LoggerContext CONTEXT = (LoggerContext) LoggerFactory.getILoggerFactory();
    private static final int QUEUE = 16_384;

    private Logging() {}

    /** Limits what libraries log while the options are read. */
    static void startQuietly() {
        CONTEXT.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
    }

    static void start(ProxyCommand.LogFormat format, boolean verbose) {
        CONTEXT.reset();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(CONTEXT);
        console.setEncoder(encoder(format));
        console.start();
        AsyncAppender async = new AsyncAppender();
        async.setContext(CONTEXT);
        async.setQueueSize(QUEUE);
        async.setNeverBlock(true);
        async.addAppender(console);
        async.start();
        Logger root = CONTEXT.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(async);
        // Netty repeats with a stack trace what DescriptorBudget logs in one line.
        CONTEXT.getLogger("io.netty.channel.DefaultChannelPipeline").setLevel(Level.ERROR);
        CONTEXT.getLogger("blackhole").setLevel(verbose ? Level.DEBUG : Level.INFO);
    }

    /** Call {@link #start} first. */
    static EventLog eventLog(ProxyCommand.LogFormat format) {
        return new EventLog(encoder(format), format == ProxyCommand.LogFormat.JSON, System.out);
    }

    private static Encoder<ILoggingEvent> encoder(ProxyCommand.LogFormat format) {
        return switch (format) {
            case TEXT -> {
                PatternLayoutEncoder encoder = new PatternLayoutEncoder();
                encoder.setContext(CONTEXT);
                encoder.setPattern(LINE);
                encoder.start();
                yield encoder;
            }
            case JSON -> {
                JsonEncoder encoder = new JsonEncoder();
                encoder.setContext(CONTEXT);
                encoder.setWithSequenceNumber(false);
                encoder.setWithNanoseconds(false);
                encoder.setWithContext(false);
                encoder.setWithThreadName(false);
                encoder.setWithArguments(false);
                encoder.setWithMDC(false);
                encoder.setWithMessage(false);
                encoder.setWithFormattedMessage(true);
                encoder.start();
                yield encoder;
            }
        };
    }

    /** Writes the queued lines. */
    static void stop() {
        CONTEXT.stop();
    }
}
