/** TCP options for the sockets of an unmodified kafka-clients. Has no dependencies except the JDK. */
@NullMarked
package blackhole.keepalive;

import org.jspecify.annotations.NullMarked;
