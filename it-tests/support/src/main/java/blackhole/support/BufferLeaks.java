package blackhole.support;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class that leaks a Netty buffer; Netty itself only logs it. Registered for all classes in
 * {@code META-INF/services}.
 */
public final class BufferLeaks implements BeforeAllCallback, AfterAllCallback {
    private static final ConcurrentLinkedQueue<String> LEAKS = new ConcurrentLinkedQueue<>();

    static {
        ByteBufUtil.setLeakListener((type, records) -> LEAKS.add(type + records));
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        found();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        List<String> leaks = found();
        if (!leaks.isEmpty()) {
            throw new AssertionError(leaks.size() + " buffers were leaked:\n" + String.join("\n", leaks));
        }
    }

    /** The leaks found since the last call. */
    public static List<String> found() {
        for (int i = 0; i < 2; i++) {
            System.gc();
            // Netty checks for collected buffers when it tracks the next one.
            ByteBufAllocator.DEFAULT.directBuffer().release();
        }
        List<String> leaks = new ArrayList<>();
        for (String leak = LEAKS.poll(); leak != null; leak = LEAKS.poll()) {
            leaks.add(leak);
        }
        return leaks;
    }
}
