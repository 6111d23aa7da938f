// A process of its own, for tests of what holds the event loop: the value of a record says for how many milliseconds its
// mapper does, or until which file is there. Arguments: the compiled library, broker, application id, group
// protocol, state directory (or none: a member for one session).
import { existsSync, writeSync } from 'node:fs'

const [library, bootstrap, applicationId, groupProtocol, stateDirectory] = process.argv.slice(2)
const { startStreams, StreamsBuilder, string } = await import(library)
const sleeper = new Int32Array(new SharedArrayBuffer(4))
const tell = (line) => writeSync(1, `${line}\n`)

const builder = new StreamsBuilder()
builder
  .stream(`${applicationId}-in`, { key: string(), value: string() })
  .mapValues((value, key) => {
    tell(`reads ${key}`)
    if (value.startsWith('/')) while (!existsSync(value)) Atomics.wait(sleeper, 0, 0, 50)
    else Atomics.wait(sleeper, 0, 0, Number(value))
    return value
  })
  .to(`${applicationId}-out`, { key: string(), value: string() })

const log = (level) => (fields, message) => tell(`${level} ${message} ${JSON.stringify(fields)}`)
const logger = { debug() {}, info: log('info'), warn: log('warn'), error: log('error'), child: () => logger }
const streams = await startStreams(
  {
    applicationId,
    kafka: { bootstrap: [bootstrap] },
    commitIntervalMs: 200,
    stateDirectory,
    groupProtocol,
    groupInstanceId: stateDirectory === undefined ? undefined : applicationId,
    processingHandler: 'continue',
    heartbeatIntervalMs: 2000,
    sessionTimeoutMs: 6000,
    logger,
  },
  builder.build(),
)
process.once('SIGTERM', () => void streams.close().then(() => process.exit(0)))
await streams.application.waitFor('RUNNING', 60_000)
tell('running')
