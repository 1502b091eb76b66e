// Burst, idle, and one probe for each partition, with kafkajs.
const fs = require('node:fs')
const net = require('node:net')
const tls = require('node:tls')
const { setTimeout: sleep } = require('node:timers/promises')
const { Kafka, Partitioners, logLevel } = require('kafkajs')

const env = process.env

// As kafkajs's own, with another delay.
function socketFactory({ host, port, ssl, onConnect }) {
  const socket = ssl
    ? tls.connect({ host, port, ...(net.isIP(host) ? {} : { servername: host }), ...ssl }, onConnect)
    : net.connect({ host, port }, onConnect)
  socket.setKeepAlive(true, Number(env.KEEPALIVE_IDLE) * 1000)
  return socket
}

const settings = {
  'keepalive-timers': { socketFactory },
  recommendation: { socketFactory }
}

const security = env.CA_FILE && {
  ssl: { ca: fs.readFileSync(env.CA_FILE) },
  sasl: { mechanism: 'plain', username: env.KAFKA_USER, password: env.KAFKA_SECRET }
}

function report(step) {
  console.log(JSON.stringify(step))
}

async function main() {
  const kafka = new Kafka({ brokers: [env.BOOTSTRAP], logLevel: logLevel.NOTHING, ...security, ...settings[env.SETTING] })
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  const send = (text, partition) =>
    producer.send({ topic: env.TOPIC, messages: [{ value: `${text}-${partition}`, partition }] })

  await producer.connect()
  for (let partition = 0; partition < Number(env.PARTITIONS); partition++) {
    await send('burst', partition)
  }
  report({ step: 'burst' })
  await sleep(Number(env.IDLE) * 1000)
  for (let partition = 0; partition < Number(env.PARTITIONS); partition++) {
    const started = Date.now()
    const error = await send('probe', partition).then(() => null, e => e)
    report({
      step: 'probe',
      partition,
      elapsedMs: Date.now() - started,
      outcome: error ? 'failed' : 'acknowledged',
      error: error && `${error.name}: ${error.message}`
    })
  }
  process.exit(0) // Disconnecting would wait for dead connections.
}

main()
