import type { KafkaDriver } from '../../kafka/port.ts'
import { type RecordRange, RecordReader } from '../../kafka/record-reader.ts'
import { type Letter, letterOf } from './letter.ts'
import { isWanted, type LetterFilter } from './letter-filter.ts'
import type { LetterLedger } from './letter-ledger.ts'

const silenceMs = 5000

/** The letters in these ranges that a filter asks for. Their bytes are valid until the next. */
export async function* readLetters(
  kafka: KafkaDriver,
  ranges: readonly RecordRange[],
  ledger: LetterLedger,
  filter: LetterFilter,
): AsyncGenerator<Letter> {
  const reader = new RecordReader(kafka, ranges)
  try {
    for await (const batch of reader.batches(silenceMs)) {
      const end = reader.endOf(batch)
      for (let index = 0; index < batch.count && batch.offset(index) < end; index++) {
        const letter = letterOf(batch, index)
        if (isWanted(letter, ledger.entry(letter.id), filter)) yield letter
      }
    }
  } finally {
    await reader.close()
  }
}
