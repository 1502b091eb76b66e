package blackhole.kafka;

import java.util.List;

/**
 * The names of Kafka's APIs by key, as of Kafka 4.4. Not kafka-clients' {@code ApiKeys}, because that loads the classes of
 * all messages.
 */
final class ApiName {
    private static final List<String> NAMES = List.of(
            ("Produce Fetch ListOffsets Metadata LeaderAndIsr StopReplica UpdateMetadata ControlledShutdown OffsetCommit"
                            + " OffsetFetch FindCoordinator JoinGroup Heartbeat LeaveGroup SyncGroup DescribeGroups ListGroups"
                            + " SaslHandshake ApiVersions CreateTopics DeleteTopics DeleteRecords InitProducerId"
                            + " OffsetForLeaderEpoch AddPartitionsToTxn AddOffsetsToTxn EndTxn WriteTxnMarkers"
                            + " TxnOffsetCommit DescribeAcls CreateAcls DeleteAcls DescribeConfigs AlterConfigs"
                            + " AlterReplicaLogDirs DescribeLogDirs SaslAuthenticate CreatePartitions"
                            + " CreateDelegationToken RenewDelegationToken ExpireDelegationToken DescribeDelegationToken"
                            + " DeleteGroups ElectLeaders IncrementalAlterConfigs AlterPartitionReassignments"
                            + " ListPartitionReassignments OffsetDelete DescribeClientQuotas AlterClientQuotas"
                            + " DescribeUserScramCredentials AlterUserScramCredentials Vote BeginQuorumEpoch"
                            + " EndQuorumEpoch DescribeQuorum AlterPartition UpdateFeatures Envelope FetchSnapshot"
                            + " DescribeCluster DescribeProducers BrokerRegistration BrokerHeartbeat UnregisterBroker"
                            + " DescribeTransactions ListTransactions AllocateProducerIds ConsumerGroupHeartbeat"
                            + " ConsumerGroupDescribe ControllerRegistration GetTelemetrySubscriptions PushTelemetry"
                            + " AssignReplicasToDirs ListConfigResources DescribeTopicPartitions ShareGroupHeartbeat"
                            + " ShareGroupDescribe ShareFetch ShareAcknowledge AddRaftVoter RemoveRaftVoter"
                            + " UpdateRaftVoter InitializeShareGroupState ReadShareGroupState WriteShareGroupState"
                            + " DeleteShareGroupState ReadShareGroupStateSummary StreamsGroupHeartbeat"
                            + " StreamsGroupDescribe DescribeShareGroupOffsets AlterShareGroupOffsets"
                            + " DeleteShareGroupOffsets StreamsGroupTopologyDescriptionUpdate UnregisterController")
                    .split(" "));

    private ApiName() {}

    /** Returns the API's name, or its number if it is unknown. */
    static String of(short key) {
        return key >= 0 && key < NAMES.size() ? NAMES.get(key) : "API " + key;
    }
}
