import { importTopology, startStreams } from '../../src/index.ts'
import { argument } from './arguments.ts'

/** A job in millrace, until its standard input ends. */
const application = argument('application')
const job = argument('job')
const threads = Number(argument('threads'))
Object.assign(process.env, { PEERS_JOB: job, PEERS_VARIANT: argument('variant'), PEERS_OUTPUT: `${application}-out` })
const isExact = argument('guarantee') === 'exactly-once'
const streams = await startStreams(
  {
    applicationId: application,
    kafka: { bootstrap: [argument('bootstrap')] },
    stateDirectory: argument('state'),
    processingGuarantee: isExact ? 'exactly-once' : 'at-least-once',
    commitIntervalMs: Number(argument('commitMs')),
    producerCompression: 'lz4',
    offsetReset: 'earliest',
    threads,
    threadKind: threads > 1 ? 'worker' : 'event-loop',
    // As the fleet sets them for its workers.
    ...(job === 'E' && { bufferedRecordsPerPartition: 2000 }),
  },
  await importTopology(new URL('./job-topology.js', import.meta.url)),
)
for await (const _ of process.stdin) {
  // Only its end is waited for.
}
await streams.close()
process.exit(0)
