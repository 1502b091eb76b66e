package blackhole.client.scenario;

/**
 * A message that the broker acknowledged.
 *
 * @param id unique; the key and the value of the record, so that reading the topic shows lost and duplicate messages
 * @param partition to which it was written
 * @param offset in the partition, or -1 with {@code acks=0}
 */
public record Message(String id, int partition, long offset) {}
