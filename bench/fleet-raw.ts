import { once } from 'node:events'
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { topics } from '../fleet/topics.ts'
import { WireClient } from '../test/support/wire-client.ts'

/**
 * The floor of the application worker: a program without an engine on the same driver. It reads the same topic, parses each
 * log as JSON, sets what enrichment sets to constants, and writes it to the same two files. It keeps no state, commits
 * nothing, hides nothing, and drops no duplicate. Prints one line of JSON with what that cost.
 */
export interface RawCost {
  readonly tookMs: number
  readonly cpuSeconds: number
}

const records = Number(process.argv[2])
const folder = process.env.FILES_DIRECTORY ?? ''
const chunkCharacters = 512 * 1024
const { name: topic, partitions } = topics.application

const client = new WireClient(process.env.KAFKA_BOOTSTRAP_SERVERS ?? '')
const consumer = client.consumer({ clientId: 'bench-raw', fetchMaxWaitMs: 500, bufferedBytesMax: 64 * 1024 * 1024 })
const first = (partition: number) => ({ topic, partition, offset: 'earliest' as const })
consumer.assign(Array.from({ length: partitions }, (_, partition) => first(partition)))

mkdirSync(folder, { recursive: true })
const documents = createWriteStream(join(folder, 'documents.jsonl'))
const envelopes = createWriteStream(join(folder, 'envelopes.jsonl'))
let [documentLines, envelopeLines] = ['', '']

async function write(stream: WriteStream, lines: string): Promise<void> {
  if (!stream.write(lines)) await once(stream, 'drain')
}

async function flush(): Promise<void> {
  await write(documents, documentLines)
  await write(envelopes, envelopeLines)
  documentLines = ''
  envelopeLines = ''
}

function add(value: Uint8Array): void {
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString()
  let log: object
  try {
    log = JSON.parse(text) as object
  } catch {
    return
  }
  Object.assign(log, { dataClass: 'internal', tags: [], priority: 10, owner: 'team-shop', tier: 'gold' })
  const document = JSON.stringify(log)
  documentLines += `${document}\n`
  envelopeLines += `{"time":1795507199,"index":"fastmcp_logs","event":${document}}\n`
}

let start: { readonly ms: number; readonly cpu: NodeJS.CpuUsage } | undefined
for (let read = 0; read < records; ) {
  const batches = await consumer.poll(1000)
  start ??= { ms: performance.now(), cpu: process.cpuUsage() }
  for (const batch of batches) {
    for (let index = 0; index < batch.count; index++) {
      const value = batch.value(index)
      if (value !== null) add(value)
    }
    read += batch.count
    if (documentLines.length > chunkCharacters) await flush()
  }
}
await flush()
await Promise.all([documents, envelopes].map((stream) => once(stream.end(), 'finish')))
const { user, system } = process.cpuUsage(start?.cpu)
const cost: RawCost = { tookMs: performance.now() - (start?.ms ?? 0), cpuSeconds: (user + system) / 1e6 }
console.log(JSON.stringify(cost))
await consumer.close()
await client.close()
