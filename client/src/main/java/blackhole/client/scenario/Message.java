package blackhole.client.scenario;

/**
 * A message that the broker acknowledged.
 *
 * @param id unique; both the key and the value of the record, so that reading the topic back shows what is lost or doubled
 * @param partition where it went
 * @param offset where it is, or -1 with {@code acks=0}
 */
public record Message(String id, int partition, long offset) {}
