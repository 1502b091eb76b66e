package blackhole.middlebox.relay;

import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/**
 * Chooses how much is read at once: little until a read fills the buffer, then much until one reads little. A buffer that
 * waits for a slow receiver takes its whole size, however little is in it.
 */
final class ReceiveBuffers extends DefaultMaxMessagesRecvByteBufAllocator {
    private static final int SMALL = 8 * 1024;

    /**
     * Four of the segments that a loopback interface carries (its MTU of 65,536 less headers and timestamps), as what is
     * read at once is sent at once: one byte more would go in a segment of its own, which costs as much as a full one.
     */
    private static final int LARGE = 4 * 65_483;

    @Override
    @SuppressWarnings("deprecation") // The interface's method returns the deprecated type.
    public Handle newHandle() {
        return new MaxMessageHandle() {
            private int next = SMALL;

            @Override
            public int guess() {
                return next;
            }

            @Override
            public void lastBytesRead(int bytes) {
                if (bytes == attemptedBytesRead()) {
                    next = LARGE;
                } else if (bytes > 0 && bytes < SMALL) {
                    next = SMALL;
                }
                super.lastBytesRead(bytes);
            }
        };
    }
}
