package blackhole.bench;

import java.nio.channels.ClosedChannelException;

/** Daemon threads whose failures are seen. */
final class Threads {
    private Threads() {}

    @FunctionalInterface
    interface Work {
        void run() throws Exception;
    }

    static Thread start(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (ClosedChannelException e) {
                        // Closed by its owner.
                    } catch (Exception e) {
                        System.err.println(name + ": " + e);
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
