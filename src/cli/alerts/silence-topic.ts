import { isSilence, type Silence } from '../../alerts/index.ts'
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

/** The rows of the topic, by id; undefined: the value is no silence. Rejects with UNKNOWN_TOPIC. */
export async function readSilenceRows(
  cli: Cli,
  kafka: KafkaDriver,
  topic: string,
): Promise<ReadonlyMap<string, Silence | undefined>> {
  const rows = await readTable<unknown>(cli, kafka, topic)
  if (rows === undefined) throw noSuchTopic(topic, '--silences-topic')
  return new Map([...rows].map(([id, row]) => [id, isSilence(row) ? row : undefined]))
}

/** The silences of the topic, the one that ends first at the beginning. Rejects with UNKNOWN_TOPIC. */
export async function readSilences(cli: Cli, kafka: KafkaDriver, topic: string): Promise<readonly Silence[]> {
  const rows = await readSilenceRows(cli, kafka, topic)
  const silences = [...rows.values()].filter((row) => row !== undefined)
  if (silences.length < rows.size)
    cli.warn(`${counted(rows.size - silences.length, 'row')} of topic ${topic} left out: the value is no silence`)
  return silences.sort((left, right) => left.endMs - right.endMs)
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

/** The id that begins so. Throws ILLEGAL_ARGUMENT where there is none, or where there are several. */
export function idOfSilence(ids: readonly string[], beginning: string): string {
  if (ids.includes(beginning)) return beginning
  const [id, ...others] = ids.filter((one) => one.startsWith(beginning))
  if (id !== undefined && others.length === 0) return id
  const fault =
    id === undefined
      ? `there is no silence ${beginning}: millrace alerts silences shows those that there are`
      : `${others.length + 1} silences have ids that begin with ${beginning}: write more of it`
  throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', fault)
}
