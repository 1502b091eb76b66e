// Burst, idle, and one probe for each partition, with @platformatic/kafka.
import { readFileSync } from 'node:fs'
import { tracingChannel } from 'node:diagnostics_channel'
import { setTimeout as sleep } from 'node:timers/promises'
import { Producer, stringSerializers } from '@platformatic/kafka'

const env = process.env

const delays = {
  keepalive: 0,
  'keepalive-timers': Number(env.KEEPALIVE_IDLE) * 1000,
  recommendation: Number(env.KEEPALIVE_IDLE) * 1000
}

// The client has no option for keepalive, but publishes each new connection.
if (env.SETTING in delays) {
  tracingChannel('plt:kafka:connections:connects').subscribe({
    asyncStart: ({ connection }) => connection.socket?.setKeepAlive(true, delays[env.SETTING])
  })
}

const security = env.CA_FILE && {
  tls: { ca: readFileSync(env.CA_FILE) },
  sasl: { mechanism: 'PLAIN', username: env.KAFKA_USER, password: env.KAFKA_SECRET }
}

const producer = new Producer({
  clientId: 'producer',
  bootstrapBrokers: [env.BOOTSTRAP],
  serializers: stringSerializers,
  ...security
})

const send = (text, partition) =>
  producer.send({ messages: [{ topic: env.TOPIC, partition, value: `${text}-${partition}` }] })

function report(step) {
  console.log(JSON.stringify(step))
}

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
process.exit(0) // Closing would wait for dead connections.
