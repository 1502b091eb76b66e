package blackhole.middlebox.relay;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.Native;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

/**
 * Changes an epoll channel's flags with fewer system calls than Netty does, and keeps a half-closed channel usable. From Netty
 * 4.2.13 on, a channel whose input is shut and that has no epoll flag left is deleted from epoll while its state says added,
 * and the next write readiness aborts the connection ({@code epoll_ctl … error(-2)}). With one harmless flag kept, the flags
 * never become none. To be dropped when a Netty release passes {@code HalfCloseIT} without it. Does nothing on other
 * transports.
 */
final class EpollFlags {
    private static final Field FLAGS;
    private static final Method SUBMIT;

    static {
        Class<?> channel = EpollSocketChannel.class.getSuperclass().getSuperclass();
        try {
            FLAGS = channel.getDeclaredField("ops");
            FLAGS.setAccessible(true);
            SUBMIT = channel.getDeclaredMethod("submitCurrentOps");
            SUBMIT.setAccessible(true);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private EpollFlags() {}

    /** To be called before a channel that is read as soon as it is connected is registered. Takes effect with the connect. */
    static void readOnceConnected(Channel channel) {
        change(channel, 0, Native.EPOLLIN, false);
    }

    /** To be called when the channel's input was shut. */
    static void endReading(Channel channel) {
        change(channel, Native.EPOLLIN | Native.EPOLLRDHUP, Native.EPOLLET, true);
    }

    private static void change(Channel channel, int removed, int added, boolean submit) {
        if (!(channel instanceof EpollSocketChannel)) {
            return;
        }
        try {
            int flags = ((EpollIoOps) FLAGS.get(channel)).value();
            FLAGS.set(channel, EpollIoOps.valueOf((flags & ~removed) | added));
            if (submit) {
                SUBMIT.invoke(channel);
            }
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("the flags of Netty's epoll channel can't be changed", e);
        }
    }
}
