package blackhole.keepalive;

import java.lang.instrument.Instrumentation;
import java.nio.channels.spi.SelectorProvider;
import java.util.Map;
import java.util.Set;

/**
 * Makes {@link SocketTuning} work in this JVM: opens the JDK's {@code sun.nio.ch} to this package and names
 * {@link TunedSelectorProvider} as the JVM's selector provider, which changes nothing for anyone outside a
 * {@code SocketTuning} scope. No class is rewritten.
 *
 * <p>Started by {@code -javaagent:}, or without any flag by the manifest entry {@code Launcher-Agent-Class} of a jar that
 * is run with {@code java -jar}.
 */
public final class SocketAgent {

    private static final String PROVIDER_PROPERTY = "java.nio.channels.spi.SelectorProvider";
    private static final String INTERNALS = "sun.nio.ch";

    private SocketAgent() {}

    /** Entry point of {@code -javaagent:}. */
    public static void premain(String arguments, Instrumentation instrumentation) {
        installOrExit(instrumentation);
    }

    /** Entry point of {@code Launcher-Agent-Class}. */
    public static void agentmain(String arguments, Instrumentation instrumentation) {
        installOrExit(instrumentation);
    }

    private static void installOrExit(Instrumentation instrumentation) {
        try {
            install(instrumentation);
        } catch (IllegalStateException e) {
            System.err.println("blackhole-client: " + e.getMessage());
            System.err.flush();
            // Thrown instead, it would be the launcher's stack trace.
            System.exit(1);
        }
    }

    /**
     * @throws UnsupportedJdkException if this JDK can't do it; nothing was changed then
     * @throws IllegalStateException if the JVM has another selector provider
     */
    static void install(Instrumentation instrumentation) {
        String ours = TunedSelectorProvider.class.getName();
        String present = System.getProperty(PROVIDER_PROPERTY);
        if (present != null && !present.equals(ours)) {
            throw new IllegalStateException("the JVM already has the selector provider " + present + "; remove -D"
                    + PROVIDER_PROPERTY + " or leave this agent out");
        }
        Set<Module> us = Set.of(SocketAgent.class.getModule());
        instrumentation.redefineModule(
                Object.class.getModule(), Set.of(), Map.of(INTERNALS, us), Map.of(INTERNALS, us), Set.of(), Map.of());
        // Before the JDK depends on a provider that it could not make.
        KernelSockets.ofThisJdk();
        System.setProperty(PROVIDER_PROPERTY, ours);
        if (!installed()) {
            throw new IllegalStateException("the JVM already uses the selector provider "
                    + SelectorProvider.provider().getClass().getName()
                    + "; start this agent with -javaagent, before other agents and before anything opens a selector");
        }
    }

    /** Whether the JVM uses this agent's provider. */
    static boolean installed() {
        return SelectorProvider.provider() instanceof TunedSelectorProvider;
    }

    static void requireInstalled() {
        if (!installed()) {
            throw new IllegalStateException(
                    "the socket agent is not in this JVM, so no socket option can be set: start it"
                            + " with java -jar blackhole-client.jar, or add -javaagent:blackhole-client.jar");
        }
    }
}
