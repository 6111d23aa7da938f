import { startStreams } from '../../src/index.ts'
import { namedCounts } from './named-counts.ts'
import { shopTopology } from './shop.ts'

/** `Peer.java` in millrace: the same arguments (without `atEnd` and `words`), the same lines on standard output. */
const options = new Map(
  process.argv.slice(2).map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)] as const),
)
const option = (name: string): string => options.get(name) ?? ''
const [inputs, outputs] = [option('inputs'), option('outputs')]
const streams = await startStreams(
  {
    applicationId: option('application'),
    kafka: { bootstrap: [option('bootstrap')] },
    stateDirectory: option('state'),
    groupProtocol: option('protocol') === 'streams' ? 'streams' : 'classic',
    processingGuarantee: option('guarantee') === 'exactly_once_v2' ? 'exactly-once' : 'at-least-once',
    threads: Number(option('threads')),
    commitIntervalMs: Number(option('commitMs')),
    producerLingerMs: Number(option('lingerMs')),
    cacheBytesMax: Number(option('cacheBytes')),
    standbyReplicas: Number(option('standbys')),
    heartbeatIntervalMs: 500,
    sessionTimeoutMs: 6000,
    offsetReset: 'earliest',
  },
  option('topology') === 'named' ? namedCounts(inputs, outputs, option('name')) : shopTopology(inputs, outputs),
)
await streams.application.waitFor('RUNNING', 60_000)
process.stdout.write('RUNNING\n')
for await (const _ of process.stdin) {
  // Only its end is waited for.
}
await streams.close()
process.stdout.write('CLOSED\n')
process.exit(0)
