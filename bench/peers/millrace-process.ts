import { startStreams } from '../../src/index.ts'
import { argument, told } from './arguments.ts'
import { type Job, topologyOf } from './jobs.ts'

/** A job in millrace, until its standard input ends. */
const application = argument('application')
let isSeen = false
const seen = () => {
  if (!isSeen) told('FIRST')
  isSeen = true
}
const job = argument('job') as Job
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
    // As the fleet sets them for its workers.
    ...(job === 'E' && { bufferedRecordsPerPartition: 2000, producerLingerMs: 5 }),
  },
  topologyOf(job, argument('variant'), application, seen),
)
for await (const _ of process.stdin) {
  // Only its end is waited for.
}
await streams.close()
process.exit(0)
