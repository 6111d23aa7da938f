// A process of its own on a cluster within it, for tests of the state directory's lock. Arguments: the compiled library, state directory.
const [library, stateDirectory] = process.argv.slice(2)
const { MemoryCluster, silentLogger, startStreams, StreamsBuilder, string, systemClock } = await import(library)

const cluster = new MemoryCluster({ clock: systemClock })
cluster.createTopic({ name: 'words', partitions: 1, replicationFactor: 1, configs: {} })
const builder = new StreamsBuilder()
builder.stream('words', { key: string(), value: string() }).groupByKey().count({ store: 'counts' })
try {
  const kafka = { driver: 'memory', cluster }
  const options = { applicationId: 'locked', kafka, stateDirectory, logger: silentLogger }
  const streams = await startStreams(options, builder.build())
  await streams.application.waitFor('RUNNING', 20_000)
  process.stdout.write('running\n')
} catch (error) {
  process.stdout.write(`${error.code} ${error.message}\n`)
  process.exit(1)
}
