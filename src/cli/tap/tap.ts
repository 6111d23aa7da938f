import type { RecordBatch } from '../../kafka/record-batch.ts'
import { nextTurn } from '../../core/event-loop.ts'
import { decoded } from '../records/decoding.ts'
import type { PartDecoder } from '../records/record-decoder.ts'
import type { RecordReader } from '../../kafka/record-reader.ts'
import type { Redaction } from '../records/redaction.ts'
import { matches, type TapFilter, type TappedRecord } from './tap-filter.ts'

/** What became of the records that a tap has read. */
export interface TapCounts {
  read: number
  shown: number
  /** The filters did not ask for them. */
  unwanted: number
  /** `--sample` left them out. */
  sampledOut: number
}

export interface TapOptions {
  readonly reader: RecordReader
  readonly key: PartDecoder
  readonly value: PartDecoder
  readonly redaction: Redaction
  readonly filter: TapFilter
  /** Of the records that the filters ask for, one in so many is shown. */
  readonly sample: number
  /** Ends after so many were shown. */
  readonly limit: number
  readonly show: (record: TappedRecord) => void
}

const silenceMs = 5000
const recordsPerTurn = 64

/** Shows records until the reader is at its end or stopped, or until the limit. */
export async function tap(options: TapOptions): Promise<TapCounts> {
  const { reader, filter, sample, limit, show } = options
  const counts: TapCounts = { read: 0, shown: 0, unwanted: 0, sampledOut: 0 }
  for await (const batch of reader.batches(silenceMs)) {
    const end = reader.endOf(batch)
    for (let index = 0; index < batch.count && batch.offset(index) < end; index++) {
      counts.read++
      // In a worker its threads have their turn in between.
      if (counts.read % recordsPerTurn === 0) await nextTurn()
      const record = await tapped(batch, index, options)
      if (!matches(record, filter)) counts.unwanted++
      else if ((counts.read - counts.unwanted - 1) % sample !== 0) counts.sampledOut++
      else {
        show(record)
        counts.shown++
        if (counts.shown >= limit) return counts
      }
    }
  }
  return counts
}

async function tapped(batch: RecordBatch, index: number, { key, value, redaction }: TapOptions): Promise<TappedRecord> {
  const { topic, partition } = batch
  return {
    topic,
    partition,
    offset: batch.offset(index),
    timestamp: batch.timestamp(index),
    key: redaction.of(await key.read(batch.key(index), topic)),
    value: redaction.of(await value.read(batch.value(index), topic)),
    headers: Object.fromEntries(
      batch.headers(index).map((header) => [header.key, redaction.member(header.key, decoded(header.value, 'auto'))]),
    ),
  }
}
