import { WireClient } from '../../test/support/wire-client.ts'
import { alertedJson } from './alerted-json.ts'
import { argument, told } from './arguments.ts'
import { partitions } from './logs.ts'

/**
 * The floor of the jobs: a program without an engine on the same driver. It has no group, handles no failure and no bad
 * record. Variants: `parse` does job A and reads all of each log with JSON.parse; `splice` does it by looking for the level
 * in the bytes and putting the new member before the last brace; `document` parses each log, sets the fields of a document
 * to constants and writes it.
 */
const application = argument('application')
const commitMs = Number(argument('commitMs'))
const [input, output] = [argument('input'), `${application}-out`]
const group = { groupId: application, generation: -1, memberId: '', instanceId: undefined }

const client = new WireClient(argument('bootstrap'))
const consumer = client.consumer({ clientId: 'bench-raw', fetchMaxWaitMs: 500, bufferedBytesMax: 64 * 1024 * 1024 })
const producer = await client.producer([output], { lingerMs: 100, idleLingerMs: 100, batchBytes: 256 * 1024 })
const all = Array.from({ length: partitions }, (_, partition) => ({ topic: input, partition }))
consumer.assign(all.map((place) => ({ ...place, offset: 'earliest' as const })))

const levelBefore = Buffer.from('"level":"')
const added = Buffer.from(',"alert":"yes"}')
const [upperW, upperE, upperF] = [0x57, 0x45, 0x46]

function spliced(value: Buffer): Buffer | undefined {
  const first = value[value.indexOf(levelBefore) + levelBefore.length]
  if (first !== upperW && first !== upperE && first !== upperF) return undefined
  const bytes = Buffer.allocUnsafe(value.length - 1 + added.length)
  value.copy(bytes, 0, 0, value.length - 1)
  added.copy(bytes, value.length - 1)
  return bytes
}

function document(value: Buffer): Buffer {
  const log = JSON.parse(value.toString()) as object
  Object.assign(log, { dataClass: 'internal', tags: [], priority: 10, owner: 'team-shop', tier: 'gold' })
  return Buffer.from(JSON.stringify(log))
}

const outputOf = { parse: alertedJson, splice: spliced, document }[argument('variant')] ?? alertedJson
const offsets = new Array<number>(partitions).fill(0)
let isOver = false
process.stdin.on('end', () => {
  isOver = true
})
process.stdin.resume()

let isSeen = false
let committedMs = performance.now()
while (!isOver) {
  for (const batch of await consumer.poll(200)) {
    if (!isSeen) told('FIRST')
    isSeen = true
    for (let index = 0; index < batch.count; index++) {
      const value = batch.value(index)
      if (value === null) continue
      const bytes = outputOf(Buffer.from(value.buffer, value.byteOffset, value.byteLength))
      if (bytes !== undefined)
        producer.send(output, batch.partition, batch.key(index), bytes, batch.timestamp(index), [])
    }
    offsets[batch.partition] = batch.nextOffset
    if (producer.isFull) await producer.drained()
  }
  if (performance.now() - committedMs < commitMs) continue
  await producer.flush(60_000)
  await consumer.commit(
    all.map((place) => ({
      ...place,
      offset: offsets[place.partition] as number,
      leaderEpoch: undefined,
      metadata: '',
    })),
    group,
    60_000,
  )
  committedMs = performance.now()
}
process.exit(0)
