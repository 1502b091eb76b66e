package blackhole.bench;

import io.netty.buffer.ByteBuf;

/** The bytes that a flow carries: other ones for each flow and each offset, so that a lost, doubled or strayed byte shows. */
record SoakStream(long flow) {
    private byte at(long offset) {
        // The finaliser of MurmurHash3 over eight bytes at a time.
        long x = flow * 0x9E3779B97F4A7C15L + (offset >>> 3);
        x = (x ^ (x >>> 33)) * 0xFF51AFD7ED558CCDL;
        x = (x ^ (x >>> 33)) * 0xC4CEB9FE1A85EC53L;
        x ^= x >>> 33;
        return (byte) (x >>> (8 * (offset & 7)));
    }

    void write(ByteBuf to, long offset, int length) {
        for (int i = 0; i < length; i++) {
            to.writeByte(at(offset + i));
        }
    }

    /** Whether {@code bytes} are those from {@code offset} on. */
    boolean matches(ByteBuf bytes, long offset) {
        int begin = bytes.readerIndex();
        int length = bytes.readableBytes();
        for (int i = 0; i < length; i++) {
            if (bytes.getByte(begin + i) != at(offset + i)) {
                return false;
            }
        }
        return true;
    }
}
