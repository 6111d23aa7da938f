// A process of its own, for tests that kill it: counts words until it is told to stop. Arguments: the compiled library, broker, state directory, group protocol, guarantee.
const [library, bootstrap, stateDirectory, groupProtocol = 'classic', processingGuarantee] = process.argv.slice(2)
const { startStreams, StreamsBuilder, long, string } = await import(library)

const builder = new StreamsBuilder()
builder
  .stream('words', { key: string(), value: string() })
  .groupBy((_key, word) => word, { name: 'by-word', key: string(), value: string() })
  .count({ store: 'counts' })
  .toStream()
  .to('word-counts', { key: string(), value: long() })

const streams = await startStreams(
  {
    applicationId: 'killed',
    kafka: { bootstrap: [bootstrap] },
    stateDirectory,
    groupProtocol,
    processingGuarantee,
    threads: 2,
    commitIntervalMs: 100,
    producerLingerMs: 5,
    cacheBytesMax: 0,
    heartbeatIntervalMs: 500,
    sessionTimeoutMs: 6000,
  },
  builder.build(),
)
process.once('SIGTERM', () => {
  streams.close().then(
    () => process.exit(0),
    () => process.exit(1),
  )
})
await streams.application.waitFor('RUNNING', 60_000)
process.stdout.write('running\n')
