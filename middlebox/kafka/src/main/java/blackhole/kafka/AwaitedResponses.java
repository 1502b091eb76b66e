package blackhole.kafka;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The requests of a flow whose responses have to be rewritten, in their order, which is that of the responses. A request
 * without a response ({@code acks=0}) is dropped when a later one gets its response. Bounded, because a producer may send
 * any number of those.
 */
final class AwaitedResponses {
    /** More than librdkafka or kafka-clients have in flight; about 2 MB. */
    static final int LIMIT = 65_536;

    private final Queue<Awaited> queue = new ArrayDeque<>();

    record Awaited(int correlationId, RewrittenApi api, short version) {}

    void add(Awaited request) {
        if (queue.size() == LIMIT) {
            queue.remove();
        }
        queue.add(request);
    }

    /** Returns the request that this is the response to; null if it does not have to be rewritten. */
    @Nullable
    Awaited take(int correlationId) {
        int ahead = 0;
        Awaited found = null;
        for (Iterator<Awaited> each = queue.iterator(); each.hasNext() && found == null; ahead++) {
            Awaited next = each.next();
            found = next.correlationId() == correlationId ? next : null;
        }
        if (found != null) {
            for (int i = 0; i < ahead; i++) {
                queue.remove();
            }
        }
        return found;
    }

    int size() {
        return queue.size();
    }
}
