import { errorMessage, MillraceError } from '../../core/errors.ts'
import { type ModelHistory, modelId, readModelHistory } from '../../detection/index.ts'
import type { KafkaDriver } from '../../kafka/port.ts'
import { openTopicWriter } from '../../runtime/task/topic-writer.ts'
import { json } from '../../serde/json.ts'
import { string } from '../../serde/primitives.ts'
import { readTable } from '../alerts/table-topic.ts'
import type { Cli } from '../cli.ts'

const timeoutMs = 30_000
/** A record of the topic has room for so much. */
const recordBytesMax = 8 * 1024 * 1024
const usual = 'fastmcp-detection-models'
const variable = 'DETECTION_MODELS_TOPIC'

/** The help of the option that names the topic. */
export const modelsTopicHelp = `topic of the models (${variable}; default: ${usual})`

/** The name of the topic for this run. */
export function modelsTopicOf(cli: Cli, option: string | undefined): string {
  return option ?? cli.host.environment[variable] ?? usual
}

/** All histories of the topic, by id. One that cannot be read is reported and left out. Rejects with UNKNOWN_TOPIC. */
export async function readHistories(
  cli: Cli,
  kafka: KafkaDriver,
  topic: string,
  isWanted?: (id: string) => boolean,
): Promise<ReadonlyMap<string, ModelHistory>> {
  const rows = await readTable<unknown>(cli, kafka, topic, isWanted)
  if (rows === undefined) {
    const text = `topic ${topic} does not exist: start the worker of the alerts, or name its topic with --models-topic`
    throw new MillraceError('UNKNOWN_TOPIC', 'fatal', text)
  }
  const histories = new Map<string, ModelHistory>()
  for (const [id, row] of [...rows].sort(([left], [right]) => (left < right ? -1 : 1))) {
    try {
      const history = readModelHistory(row)
      // What is changed is written under the name in the value.
      if (modelId(history) !== id)
        throw new MillraceError('MODEL_UNREADABLE', 'fatal', `the record is that of ${modelId(history)}`)
      histories.set(id, history)
    } catch (error) {
      cli.warn(`${id} left out: ${errorMessage(error)}`)
    }
  }
  return histories
}

/** The history of one model. Rejects with ILLEGAL_ARGUMENT where there is none. */
export async function readHistory(cli: Cli, kafka: KafkaDriver, topic: string, id: string): Promise<ModelHistory> {
  const history = (await readHistories(cli, kafka, topic, (key) => key === id)).get(id)
  if (history !== undefined) return history
  const text = `topic ${topic} has no model ${id}: millrace detect models shows those that it has`
  throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', text)
}

/** Writes the record of a model. */
export async function writeHistory(kafka: KafkaDriver, topic: string, history: ModelHistory): Promise<void> {
  const producer = { maxRequestBytes: recordBytesMax }
  const serdes = { key: string(), value: json<ModelHistory>() }
  const writer = await openTopicWriter(kafka, topic, { ...serdes, producer, timeoutMs })
  try {
    await writer.write(modelId(history), history)
  } finally {
    await writer.close()
  }
}
