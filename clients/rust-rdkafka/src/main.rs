//! Burst, idle, and one probe for each partition, with rust-rdkafka.

use rdkafka::config::ClientConfig;
use rdkafka::error::KafkaError;
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::util::Timeout;
use serde_json::{json, Value};
use std::env;
use std::time::{Duration, Instant};

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

fn producer() -> FutureProducer {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", variable("BOOTSTRAP"));
    match variable("SETTING").as_str() {
        "keepalive" | "recommendation" => {
            config.set("socket.keepalive.enable", "true");
        }
        "max-idle" => {
            config.set("connections.max.idle.ms", variable("MAX_IDLE_MS"));
        }
        _ => {}
    }
    if let Ok(file) = env::var("CA_FILE") {
        config
            .set("security.protocol", "SASL_SSL")
            .set("ssl.ca.location", file)
            .set("sasl.mechanism", "PLAIN")
            .set("sasl.username", variable("KAFKA_USER"))
            .set("sasl.password", variable("KAFKA_SECRET"));
    }
    config.create().expect("a producer")
}

async fn send(producer: &FutureProducer, text: &str, partition: i32) -> Result<(), KafkaError> {
    let topic = variable("TOPIC");
    let value = format!("{text}-{partition}");
    let record = FutureRecord::<(), _>::to(&topic).partition(partition).payload(&value);
    producer.send(record, Timeout::Never).await.map(|_| ()).map_err(|(error, _)| error)
}

fn report(step: Value) {
    println!("{step}");
}

#[tokio::main]
async fn main() {
    let producer = producer();
    let partitions: i32 = variable("PARTITIONS").parse().expect("PARTITIONS");
    for partition in 0..partitions {
        send(&producer, "burst", partition).await.expect("the burst");
    }
    report(json!({"step": "burst"}));
    let idle = variable("IDLE").parse().expect("IDLE");
    tokio::time::sleep(Duration::from_secs_f64(idle)).await;
    for partition in 0..partitions {
        let started = Instant::now();
        let result = send(&producer, "probe", partition).await;
        report(json!({
            "step": "probe",
            "partition": partition,
            "elapsedMs": started.elapsed().as_millis() as u64,
            "outcome": if result.is_ok() { "acknowledged" } else { "failed" },
            "error": result.err().map(|error| error.to_string()),
        }));
    }
    std::process::exit(0); // Dropping the producer would wait for dead connections.
}
