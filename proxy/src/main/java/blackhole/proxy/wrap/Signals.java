package blackhole.proxy.wrap;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;

/** Passes the signals that ask this process to end on to another one. */
public final class Signals {
    private static final String INT = "INT";

    private Signals() {}

    /** From now on, SIGINT, SIGTERM and SIGHUP end the other process instead of this one. */
    public static void forwardTo(long pid) {
        for (String name : new String[] {INT, "TERM", "HUP"}) {
            handle(name, () -> {
                if (!name.equals(INT) || !isInForeground()) {
                    // Process has only SIGTERM; sh always has kill.
                    InvokingUser.output("sh", "-c", "kill -" + name + " " + pid);
                }
            });
        }
    }

    /** {@code sun.misc.Signal} is supported (module jdk.unsupported), but javac warns about each mention of it. */
    private static void handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object handling = Proxy.newProxyInstance(
                    handler.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                        action.run();
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), handling);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JVM can't handle SIG" + name, e);
        }
    }

    /** Whether a terminal sends its Ctrl-C to this process and its children: proc(5), pgrp and tpgid in /proc/pid/stat. */
    private static boolean isInForeground() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return fields[2].equals(fields[5]);
        } catch (IOException e) {
            return false;
        }
    }
}
