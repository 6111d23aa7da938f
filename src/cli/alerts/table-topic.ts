import { counted } from '../../core/counted.ts'
import type { KafkaDriver } from '../../kafka/port.ts'
import { wholeTopic } from '../../kafka/record-ranges.ts'
import { RecordReader } from '../../kafka/record-reader.ts'
import type { Cli } from '../cli.ts'

const silenceMs = 10_000

/**
 * The last value of each key of a compacted topic of JSON; undefined: there is no such topic. Rows that are no JSON are
 * reported, and undefined. `isWanted`: of which keys.
 */
export async function readTable<Row>(
  cli: Cli,
  kafka: KafkaDriver,
  topic: string,
  isWanted: (key: string) => boolean = () => true,
): Promise<ReadonlyMap<string, Row | undefined> | undefined> {
  const ranges = await wholeTopic(kafka.admin(), topic)
  if (ranges.length === 0) return undefined
  const texts = await lastTexts(new RecordReader(kafka, ranges), isWanted)
  const rows = new Map<string, Row | undefined>()
  let unreadableCount = 0
  for (const [key, text] of texts) {
    try {
      rows.set(key, JSON.parse(text) as Row)
    } catch {
      rows.set(key, undefined)
      unreadableCount++
    }
  }
  if (unreadableCount > 0)
    cli.warn(`${counted(unreadableCount, 'row')} of topic ${topic} left out: the value is no JSON`)
  return rows
}

async function lastTexts(reader: RecordReader, isWanted: (key: string) => boolean): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  try {
    for await (const batch of reader.batches(silenceMs)) {
      const end = reader.endOf(batch)
      for (let index = 0; index < batch.count && batch.offset(index) < end; index++) {
        const key = Buffer.from(batch.key(index) ?? []).toString()
        if (!isWanted(key)) continue
        const value = batch.value(index)
        if (value === null) texts.delete(key)
        else texts.set(key, Buffer.from(value).toString())
      }
    }
    return texts
  } finally {
    await reader.close()
  }
}
