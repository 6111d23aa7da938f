import type { Silence } from '../../alerts/index.ts'
import { counted } from '../../core/counted.ts'
import { MillraceError } from '../../core/errors.ts'
import type { KafkaDriver } from '../../kafka/port.ts'
import { openTopicWriter } from '../../runtime/task/topic-writer.ts'
import { json } from '../../serde/json.ts'
import { string } from '../../serde/primitives.ts'
import type { Cli } from '../cli.ts'
import { noSuchTopic } from './alert-topics.ts'
import { readTable } from './table-topic.ts'

const timeoutMs = 30_000

/** The silences of the topic, the one that ends first at the beginning. Rejects with UNKNOWN_TOPIC. */
export async function readSilences(cli: Cli, kafka: KafkaDriver, topic: string): Promise<readonly Silence[]> {
  const rows = await readTable<Silence | null>(cli, kafka, topic)
  if (rows === undefined) throw noSuchTopic(topic, '--silences-topic')
  const silences = [...rows.values()].filter(isSilence)
  if (silences.length < rows.size)
    cli.warn(`${counted(rows.size - silences.length, 'row')} of topic ${topic} left out: the value is no silence`)
  return silences.sort((left, right) => left.endMs - right.endMs)
}

function isSilence(row: Silence | null): row is Silence {
  const { id, match, startMs, endMs } = (row ?? {}) as Partial<Silence>
  return typeof id === 'string' && typeof match === 'object' && Number.isFinite(startMs) && Number.isFinite(endMs)
}

/** Writes the row of a silence; null deletes it. Rejects with UNKNOWN_TOPIC. */
export async function writeSilence(
  kafka: KafkaDriver,
  topic: string,
  id: string,
  silence: Silence | null,
): Promise<void> {
  const writer = await openTopicWriter(kafka, topic, { key: string(), value: json<Silence>(), timeoutMs })
  try {
    await writer.write(id, silence)
  } finally {
    await writer.close()
  }
}

/** The silence whose id begins so. Throws ILLEGAL_ARGUMENT where there is none, or where there are several. */
export function silenceById(silences: readonly Silence[], id: string): Silence {
  const found = silences.filter((silence) => silence.id === id || silence.id.startsWith(id))
  const [silence] = found
  if (silence !== undefined && (found.length === 1 || silence.id === id)) return silence
  const fault =
    found.length === 0
      ? `there is no silence ${id}: millrace alerts silences shows those that there are`
      : `${found.length} silences have ids that begin with ${id}: write more of it`
  throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', fault)
}
