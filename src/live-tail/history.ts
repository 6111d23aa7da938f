import type { Clock } from '../core/clock.ts'
import { Turns } from '../core/event-loop.ts'
import type { Admin, KafkaDriver, OffsetPlace } from '../kafka/port.ts'
import { RecordReader } from '../kafka/record-reader.ts'
import type { LineScanner } from './line-scanner.ts'
import type { Positions } from './positions.ts'
import type { TailLine } from './tail-line.ts'

const silenceMs = 30_000

/** What histories need. */
export interface HistoryWorld {
  readonly kafka: KafkaDriver
  readonly admin: Admin
  readonly scanner: LineScanner
  readonly clock: Clock
}

/** Who gets lines of the past. */
export interface LineTaker {
  /** True: it takes no more before `room` resolves. */
  readonly isFull: boolean
  /** True: it wants no more. */
  readonly isClosed: boolean
  room(): Promise<void>
  consider(line: TailLine): void
}

/** Moves positions to a place of the log. */
export async function moveTo(place: OffsetPlace, positions: Positions, admin: Admin): Promise<void> {
  const partitions = positions.partitions().map(({ topic, partition }) => ({ topic, partition, at: place }))
  for (const { topic, partition, offset } of await admin.listOffsets(partitions, 'read_committed'))
    positions.set(topic, partition, offset)
}

/**
 * Gives a taker the records of Kafka from its positions to others, as fast as it takes them, and moves the positions
 * with it. Returns how many records were deleted before they could be read. Rejects with READ_TIMEOUT.
 */
export async function readHistory(
  { kafka, admin, scanner, clock }: HistoryWorld,
  taker: LineTaker,
  positions: Positions,
  end: Positions,
): Promise<number> {
  const deleted = await skipDeleted(admin, positions)
  const ranges = end
    .partitions()
    .map(({ topic, partition, offset }) => ({ topic, partition, offset: positions.at(topic, partition), end: offset }))
  const reader = new RecordReader(kafka, ranges, clock)
  const turns = new Turns(clock)
  try {
    for await (const batch of reader.batches(silenceMs)) {
      const endOffset = reader.endOf(batch)
      for (let index = 0; index < batch.count && batch.offset(index) < endOffset; index++) {
        await turns.next()
        if (taker.isFull) await taker.room()
        if (taker.isClosed) return deleted
        positions.set(batch.topic, batch.partition, batch.offset(index) + 1)
        const line = scanner.line(batch, index)
        if (line !== undefined) taker.consider(line)
      }
    }
    // Offsets without a record are read too.
    positions.raise(end)
    return deleted
  } finally {
    await reader.close()
  }
}

async function skipDeleted(admin: Admin, positions: Positions): Promise<number> {
  const starts = positions.copy()
  await moveTo('earliest', starts, admin)
  let deleted = 0
  for (const { topic, partition, offset } of starts.partitions())
    deleted += Math.max(0, offset - positions.at(topic, partition))
  positions.raise(starts)
  return deleted
}
