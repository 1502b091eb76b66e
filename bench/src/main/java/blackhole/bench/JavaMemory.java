package blackhole.bench;

import blackhole.support.Tools;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What another JVM's memory holds, asked with jcmd; it must run with {@code -XX:NativeMemoryTracking=summary}. */
record JavaMemory(long liveHeap, long direct) {
    private static final Pattern TOTAL = Pattern.compile("Total +[0-9]+ +([0-9]+)");
    /** Direct byte buffers and Unsafe.allocateMemory, by which Netty allocates. */
    private static final Pattern OTHER = Pattern.compile("Other \\(reserved=[0-9]+KB, committed=([0-9]+)KB\\)");

    /** Collects that JVM's garbage first. */
    static JavaMemory of(long pid) {
        return new JavaMemory(
                number(TOTAL, jcmd(pid, "GC.class_histogram")), 1024 * number(OTHER, jcmd(pid, "VM.native_memory")));
    }

    private static String jcmd(long pid, String command) {
        return Tools.run(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(pid), command);
    }

    private static long number(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }
}
