import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { systemClock } from '../../core/clock.ts'
import { errorMessage, MillraceError } from '../../core/errors.ts'
import type { KafkaDriver } from '../../kafka/port.ts'
import { openTopicWriter } from '../../runtime/task/topic-writer.ts'
import { bytes } from '../../serde/primitives.ts'
import type { PreparedWorker } from '../../worker/prepare-worker.ts'
import type { Host } from '../host.ts'
import { recordOfLine } from '../records/record-line.ts'
import { sourceSerdes, type TopicSerdes } from '../records/topic-serdes.ts'

/** One `--input`: lines of a file, or of standard input, for a topic. */
export interface MemoryInput {
  readonly topic: string
  /** `-`: standard input. */
  readonly file: string
  readonly serdes: TopicSerdes
}

/** Reads `topic=file`, or only `file` where the workers read one topic. Throws INPUT_LINE, which names the topics. */
export function memoryInput(text: string, workers: readonly PreparedWorker[], sources: readonly string[]): MemoryInput {
  const [, given, file = text] = /^([\w.-]+)=(.*)$/.exec(text) ?? []
  const topic = given ?? (sources.length === 1 ? sources[0] : undefined)
  const serdes = topic === undefined ? undefined : serdesOf(topic, workers)
  if (topic !== undefined && serdes !== undefined) return { topic, file, serdes }
  const fault = topic === undefined ? `--input ${text} names no topic` : `--input ${text}: nobody reads topic ${topic}`
  throw new MillraceError('INPUT_LINE', 'fatal', `${fault}: give topic=file with one of ${sources.join(', ')}`)
}

/** Writes every line, and resolves when the last one is written. */
export async function writeInput(kafka: KafkaDriver, input: MemoryInput, host: Host): Promise<void> {
  const writer = await openTopicWriter(kafka, input.topic, { key: bytes(), value: bytes() })
  try {
    for await (const line of linesOf(input.file, host)) {
      if (line === '') continue
      const { key, value, timestamp } = recordOfLine(line, input.topic, input.serdes)
      await writer.write(key, value, { timestamp })
    }
  } finally {
    await writer.close()
  }
}

/** Writes the input of the workers' examples, one record after the other, again and again until `stop` resolves. */
export async function writeExamples(
  kafka: KafkaDriver,
  workers: readonly PreparedWorker[],
  { ratePerSecond, stop }: { ratePerSecond: number; stop: Promise<unknown> },
): Promise<void> {
  const records = workers.flatMap(({ examples }) => examples.flatMap(({ input }) => input))
  let isRunning = true
  void stop.then(() => {
    isRunning = false
  })
  if (records.length === 0) await stop
  while (isRunning)
    for (const { topic, key = null, value } of records) {
      const serdes = serdesOf(topic, workers)
      if (!isRunning || serdes === undefined) break
      const writer = await openTopicWriter(kafka, topic, serdes)
      await writer.write(key, value)
      await writer.close()
      await Promise.race([systemClock.sleep(1000 / ratePerSecond), stop])
    }
}

function serdesOf(topic: string, workers: readonly PreparedWorker[]): TopicSerdes | undefined {
  for (const { topology } of workers) {
    const serdes = sourceSerdes(topology, topic)
    if (serdes !== undefined) return serdes
  }
  return undefined
}

async function* linesOf(file: string, host: Host): AsyncIterable<string> {
  if (file === '-') {
    yield* host.lines()
    return
  }
  const path = resolve(host.directory, file)
  try {
    yield* createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })
  } catch (cause) {
    throw new MillraceError('INPUT_LINE', 'fatal', `--input: ${path} cannot be read (${errorMessage(cause)})`, {
      cause,
    })
  }
}
