import { WireClient } from '../../test/support/wire-client.ts'
import { argument, told } from './arguments.ts'
import { type Log, partitions } from './logs.ts'

/**
 * The floor of job A: a program without an engine on the same driver. Variants: `parse` reads all of each log with
 * JSON.parse; `splice` looks for the level in the bytes and puts the new member before the last brace. It has no group,
 * handles no failure and no bad record.
 */
const application = argument('application')
const commitMs = Number(argument('commitMs'))
const output = `${application}-out`
const group = { groupId: application, generation: -1, memberId: '', instanceId: undefined }

const client = new WireClient(argument('bootstrap'))
const consumer = client.consumer({ clientId: 'bench-raw', fetchMaxWaitMs: 500, bufferedBytesMax: 64 * 1024 * 1024 })
const producer = await client.producer([output], { lingerMs: 100, batchBytes: 256 * 1024 })
const all = Array.from({ length: partitions }, (_, partition) => ({ topic: 'logs', partition }))
consumer.assign(all.map((place) => ({ ...place, offset: 'earliest' as const })))

const levelBefore = Buffer.from('"level":"')
const added = Buffer.from(',"alert":"yes"}')
const [upperW, upperE, upperF] = [0x57, 0x45, 0x46]

function parsed(value: Buffer): Buffer | undefined {
  const log = JSON.parse(value.toString()) as Log
  if (log.level !== 'WARN' && log.level !== 'ERROR' && log.level !== 'FATAL') return undefined
  return Buffer.from(JSON.stringify({ ...log, alert: 'yes' }))
}

function spliced(value: Buffer): Buffer | undefined {
  const first = value[value.indexOf(levelBefore) + levelBefore.length]
  if (first !== upperW && first !== upperE && first !== upperF) return undefined
  const bytes = Buffer.allocUnsafe(value.length - 1 + added.length)
  value.copy(bytes, 0, 0, value.length - 1)
  added.copy(bytes, value.length - 1)
  return bytes
}

const alerted = argument('variant') === 'splice' ? spliced : parsed
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
      const bytes = alerted(Buffer.from(value.buffer, value.byteOffset, value.byteLength))
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
