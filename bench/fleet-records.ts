import { hecPrefix, hecSuffix, logIndex, logLine } from '../fleet/documents.ts'
import { defaultGeneratorOptions, generateLogs } from '../fleet/generator/log-generator.ts'
import { topics } from '../fleet/topics.ts'
import { type Headers, noHeaders } from '../src/core/headers.ts'
import { json, string } from '../src/index.ts'
import { createOperator } from '../src/operators/create-operator.ts'
import { BufferPool } from '../src/sinks/buffer-pool.ts'
import { LineBuffer } from '../src/sinks/line-buffer.ts'
import { OperatorHarness } from '../src/testing/operator-harness.ts'
import { openOperatorStores } from '../src/testing/operator-stores.ts'
import type { EnrichedLog, Ownership } from '../topologies/enriched-log.ts'
import { withOwner } from '../topologies/enrichment.ts'
import { median } from './median.ts'
import { enriching, workerInput } from './parsing/worker-steps.ts'

/**
 * What a log costs the application worker between Kafka's bytes and the bytes of its documents, without stores and disks:
 * decoded, enriched by the processor, joined with the catalog, written for two file sinks. Steps are told by running the
 * chain up to each of them.
 */
const indexOf = logIndex('logs', undefined)
const records = 20_000
const rounds = Number(process.argv[2] ?? 15)
const startMs = Date.UTC(2026, 10, 24)

interface Step {
  readonly name: string
  readonly run: (value: Uint8Array, timestamp: number) => void
}

interface Cost {
  readonly ns: number
  readonly bytes: number
}

const inputs: { readonly value: Uint8Array; readonly timestamp: number }[] = []
for (const log of generateLogs({ ...defaultGeneratorOptions, malformed: 0, startMs })) {
  if (log.topic === topics.application.name) inputs.push({ value: log.value, timestamp: log.timestampMs })
  if (inputs.length === records) break
}

const join = createOperator({
  kind: 'stream-global-table-join',
  join: 'left',
  keyMapper: (_, log) => (log as { service: string }).service,
  joiner: (_, log, entry) => withOwner(log as EnrichedLog, entry as Ownership | null),
  table: { kind: 'store', store: 'services', versioned: false },
})

const { stores, recordContext } = openOperatorStores([
  { kind: 'timestamped-key-value', name: 'services', key: string(), value: json() },
])
const services = stores[0] as unknown as { put(key: string, value: unknown): void }
for (const service of ['checkout', 'payments', 'catalog', 'search', 'identity', 'shipping']) {
  services.put(service, { value: { owner: `team-${service}`, tier: 'gold' }, timestamp: 0 })
}
const joined = new OperatorHarness(join, { stores, recordContext }).output
const batchBytes = 512 * 1024
const lines = new LineBuffer(new BufferPool({ maxBytes: batchBytes, maxBufferedBytes: 0 }))
let written = 0
joined.process = (_key: unknown, value: unknown, timestamp: number, headers: Headers): void => {
  if (!writes) return
  const record = { topic: 'logs', partition: 0, offset: 0, sequence: 0, timestamp, key: null, value, headers }
  written += indexOf(record).length
  lines.addLine('', logLine(record), '')
  lines.addLine(hecPrefix(record), logLine(record), hecSuffix)
  if (lines.length > batchBytes) lines.cut(0)
}
let writes = false
const key = 'payments'
const enrichOnly = enriching(() => {})
const enrichAndJoin = enriching((value, timestamp) => join.process(key, value, timestamp, noHeaders))

const decode = (value: Uint8Array) => workerInput.deserialize(value, topics.application.name, noHeaders)
const steps: readonly Step[] = [
  { name: 'decode', run: (value) => void decode(value) },
  { name: '+ enrich', run: (value, timestamp) => enrichOnly.process(key, decode(value), timestamp, noHeaders) },
  { name: '+ join', run: (value, timestamp) => enrichAndJoin.process(key, decode(value), timestamp, noHeaders) },
  {
    name: '+ documents',
    run: (value, timestamp) => {
      writes = true
      enrichAndJoin.process(key, decode(value), timestamp, noHeaders)
      writes = false
    },
  },
]

function measure({ run }: Step): Cost {
  globalThis.gc?.()
  const bytesBefore = usedBytes()
  const cpuBefore = process.cpuUsage()
  for (const { value, timestamp } of inputs) run(value, timestamp)
  const { user, system } = process.cpuUsage(cpuBefore)
  return { ns: ((user + system) * 1000) / records, bytes: (usedBytes() - bytesBefore) / records }
}

function usedBytes(): number {
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + external + arrayBuffers
}

const meanBytes = inputs.reduce((sum, { value }) => sum + value.length, 0) / records
console.log(`${records} logs of ${meanBytes.toFixed(0)} bytes, median of ${rounds} rounds; CPU time, allocation`)
const costs = steps.map(() => [] as Cost[])
for (let round = 0; round < rounds; round++)
  for (const [index, step] of steps.entries()) costs[index]?.push(measure(step))
for (const [index, { name }] of steps.entries()) {
  const of = costs[index] ?? []
  const [ns, bytes] = [median(of.map((cost) => cost.ns)), median(of.map((cost) => cost.bytes))]
  console.log(`${name.padEnd(12)} ${ns.toFixed(0).padStart(7)} ns ${bytes.toFixed(0).padStart(7)} B`)
}
if (written === 0) throw new Error('no document was written')
