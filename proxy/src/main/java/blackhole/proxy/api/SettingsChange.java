package blackhole.proxy.api;

import java.time.Instant;

/** Events that are of no flow. Their names in the stream are those of the records. */
public sealed interface SettingsChange {
    /** When it was noticed. */
    Instant at();

    /** The middlebox's settings changed; these are all of them. */
    record MiddleboxChanged(Instant at, ConfigView middlebox) implements SettingsChange {}

    /** An outage started or ended. */
    record OutageChanged(Instant at, boolean on) implements SettingsChange {}
}
