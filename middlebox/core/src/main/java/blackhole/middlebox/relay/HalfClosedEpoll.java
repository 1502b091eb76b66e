package blackhole.middlebox.relay;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.Native;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

/**
 * Keeps a half-closed epoll channel usable. From Netty 4.2.13 on, a channel whose input is shut and that has no epoll
 * flag left is deleted from epoll while its state says added, and the next write readiness aborts the connection
 * ({@code epoll_ctl … error(-2)}). With one harmless flag kept, the flags never become none. To be dropped when a Netty
 * release passes {@code HalfCloseIT} without it.
 */
final class HalfClosedEpoll {
    private static final Method SET_FLAG = setFlagMethod();

    private HalfClosedEpoll() {}

    private static Method setFlagMethod() {
        try {
            Method method =
                    EpollSocketChannel.class.getSuperclass().getSuperclass().getDeclaredMethod("setFlag", int.class);
            method.setAccessible(true);
            return method;
        } catch (NoSuchMethodException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** To be called when the channel's input was shut. Does nothing on other transports. */
    static void keepRegistered(Channel channel) {
        if (!(channel instanceof EpollSocketChannel)) {
            return;
        }
        try {
            SET_FLAG.invoke(channel, Native.EPOLLET);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("Netty's AbstractEpollChannel.setFlag can't be called", e);
        }
    }
}
