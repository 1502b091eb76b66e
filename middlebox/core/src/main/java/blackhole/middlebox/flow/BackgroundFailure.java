package blackhole.middlebox.flow;

import java.time.Instant;

/**
 * A background task of the middlebox has thrown. From then on it may miss expiries or events, so results obtained with
 * it can't be trusted.
 *
 * @param task what failed first, such as {@code idle clock}
 * @param cause what it threw first
 * @param at when that was
 * @param count how often background tasks have thrown so far, 1 or more
 */
public record BackgroundFailure(String task, Throwable cause, Instant at, long count) {}
