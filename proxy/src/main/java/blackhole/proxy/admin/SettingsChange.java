package blackhole.proxy.admin;

import java.time.Instant;

/** Events that are of no flow. Their names in the stream are those of the records. */
sealed interface SettingsChange {
    /** When it was noticed. */
    Instant at();

    /** The middlebox's settings changed; these are all of them. */
    record MiddleboxChanged(Instant at, MiddleboxView middlebox) implements SettingsChange {}

    /** Everything went dark, or is light again. */
    record DarkChanged(Instant at, boolean on) implements SettingsChange {}
}
