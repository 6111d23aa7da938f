import { MillraceError } from '../../core/errors.ts'
import { type KafkaDriver, partitionKey, type TopicPartition } from '../../kafka/port.ts'
import { readsTopic } from '../../replay/source-topics.ts'
import type { Topology } from '../../topology/topology.ts'
import type { LetterFilter } from '../dlq/letter-filter.ts'
import { LetterLedger } from '../dlq/letter-ledger.ts'
import { readLetters } from '../dlq/read-letters.ts'
import { wholeTopic } from '../../kafka/record-ranges.ts'

/** What to read of the partitions whose records have letters. */
export interface LetterBounds {
  /** From the first record with a letter up to the last, of each partition. */
  readonly offsets: readonly (TopicPartition & { readonly from: number; readonly to: number })[]
  /** Letters whose records are in them. */
  readonly letters: number
  /** Letters of records that no source of the topology reads: of internal topics, or refused by an output topic. */
  readonly leftOut: number
}

/** The bounds that the letters of a query give. Throws ILLEGAL_ARGUMENT where they name no record of a source. */
export async function letterBounds(
  kafka: KafkaDriver,
  query: { readonly topic: string; readonly filter: LetterFilter; readonly applicationId: string },
  topology: Topology,
): Promise<LetterBounds> {
  const { topic, filter, applicationId } = query
  const ranges = await wholeTopic(kafka.admin(), topic)
  const bounds = new Map<string, TopicPartition & { from: number; to: number }>()
  let [letters, leftOut] = [0, 0]
  await LetterLedger.using(kafka, topic, async (ledger) => {
    for await (const { source, application } of readLetters(kafka, ranges, ledger, filter)) {
      if (application !== undefined && application !== applicationId) continue
      if (source === undefined || source.offset < 0 || !readsTopic(topology, source.topic)) {
        leftOut++
        continue
      }
      letters++
      const { topic: of, partition, offset } = source
      const key = partitionKey(of, partition)
      const known = bounds.get(key)
      const from = Math.min(offset, known?.from ?? offset)
      bounds.set(key, { topic: of, partition, from, to: Math.max(offset + 1, known?.to ?? 0) })
    }
  })
  if (letters === 0) throw noLetters(topic, leftOut)
  return { offsets: [...bounds.values()], letters, leftOut }
}

function noLetters(topic: string, leftOut: number): MillraceError {
  const others = leftOut === 0 ? '' : `; ${leftOut} are of records that no source of the topology reads`
  const text = `no open letter in ${topic} names a record to replay${others}: see millrace dlq list, or give --all`
  return new MillraceError('ILLEGAL_ARGUMENT', 'fatal', text)
}
