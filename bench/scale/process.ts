import { importTopology, startStreams } from '../../src/index.ts'
import { argument } from '../peers/arguments.ts'

/** One run of the bench `scale`, until standard input ends. */
const threads = Number(argument('threads'))
const streams = await startStreams(
  {
    applicationId: argument('application'),
    kafka: { bootstrap: [argument('bootstrap')] },
    stateDirectory: argument('state'),
    commitIntervalMs: Number(argument('commitMs')),
    producerCompression: 'lz4',
    offsetReset: 'earliest',
    threads,
    threadKind: threads > 1 ? 'worker' : 'event-loop',
    groupProtocol: 'classic',
  },
  await importTopology(new URL('./topology.js', import.meta.url)),
)
for await (const _ of process.stdin) {
  // Only its end is waited for.
}
await streams.close()
process.exit(0)
