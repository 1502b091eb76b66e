/** Recordings of a run: writing, reading and replaying them. */
@NullMarked
package blackhole.proxy.recording;

import org.jspecify.annotations.NullMarked;
