import { systemClock } from '../../core/clock.ts'
import { errorMessage } from '../../core/errors.ts'
import { MemoryCluster, openKafka } from '../../index.ts'
import type { Admin, KafkaDriver, NewTopic } from '../../kafka/port.ts'
import { partitionKey } from '../../kafka/port.ts'
import { offsetsAt } from '../../worker/cluster-state.ts'
import type { PreparedWorker } from '../../worker/prepare-worker.ts'
import { runWorkers } from '../../worker/run-workers.ts'
import type { Cli } from '../cli.ts'
import type { ExitCode } from '../host.ts'
import { textOf } from '../records/record-line.ts'
import { type ApplicationTopics, applicationTopics } from '../topics/application-topics.ts'
import { topicPartitions } from '../topics/topic-partitions.ts'
import { type MemoryInput, memoryInput, writeExamples, writeInput } from './memory-input.ts'
import { outputLine, printOutput } from './memory-output.ts'

const retainedBytesMax = 64 * 1024 * 1024
const commitIntervalMs = 200
const checkEveryMs = 50
const timeoutMs = 30_000

/** How `run --memory` gets its input and shows its output. */
export interface MemoryRunOptions {
  readonly inputs: readonly string[]
  /** Records of the examples per second, where there is no input. */
  readonly ratePerSecond: number
  readonly json: boolean
}

/**
 * Runs workers on a Kafka inside this process, where all their topics exist, and prints what they write. Ends when the
 * input is processed; without `--input`, the records of the workers' examples are written until a signal.
 */
export async function runInMemory(
  cli: Cli,
  given: readonly PreparedWorker[],
  options: MemoryRunOptions,
): Promise<ExitCode> {
  const workers = given.map((worker) => ({
    ...worker,
    engine: { ...worker.engine, offsetReset: 'earliest' as const, commitIntervalMs },
  }))
  const connection = { driver: 'memory' as const, cluster: new MemoryCluster({ clock: systemClock, retainedBytesMax }) }
  const kafka = openKafka(connection)
  try {
    const topics = await createTopics(kafka.admin(), workers)
    const inputs = options.inputs.map((text) => memoryInput(text, workers, topics.sources))
    if (inputs.length === 0 && workers.every(({ examples }) => examples.length === 0))
      cli.warn(`there is no input: give --input topic=file, or - for standard input (${topics.sources.join(', ')})`)
    const output = await printOutput(kafka, workers, {
      topics: topics.written,
      print: (record) => cli.print(options.json ? textOf(record) : outputLine(record)),
    })
    try {
      let refusal: { readonly error: unknown } | undefined
      const end = fed(cli, kafka, workers, inputs, options.ratePerSecond).then(
        () => 'the input is processed',
        (error: unknown) => {
          refusal = { error }
          return errorMessage(error)
        },
      )
      const exitCode = await runWorkers(workers, { stop: Promise.race([cli.host.stop, end]), kafka: connection })
      if (refusal !== undefined) throw refusal.error
      return exitCode
    } finally {
      await output.close()
    }
  } finally {
    await kafka.close()
  }
}

/** Resolves when the input is processed; the input of the examples never is. Rejects for input that is no record. */
async function fed(
  cli: Cli,
  kafka: KafkaDriver,
  workers: readonly PreparedWorker[],
  inputs: readonly MemoryInput[],
  ratePerSecond: number,
): Promise<void> {
  if (inputs.length === 0) return writeExamples(kafka, workers, { ratePerSecond, stop: cli.host.stop })
  await Promise.all(inputs.map((input) => writeInput(kafka, input, cli.host)))
  await processed(kafka, workers)
}

interface MemoryTopics {
  readonly sources: readonly string[]
  readonly written: readonly string[]
}

/** Those of the definitions as they say; all others that a topology names with one partition. */
async function createTopics(admin: Admin, workers: readonly PreparedWorker[]): Promise<MemoryTopics> {
  const topics = await Promise.all(workers.map((worker) => applicationTopics(worker, admin)))
  const named = topics.flatMap(({ sources, outputs, deadLetters }) => [
    ...sources,
    ...outputs,
    ...(deadLetters === undefined ? [] : [deadLetters]),
  ])
  const defined = workers.flatMap((worker) => worker.topics)
  const others = named.filter((name) => !defined.some((topic) => topic.name === name)).map(topicNamed)
  await admin.createTopics(unique([...defined, ...others]), timeoutMs)
  return { sources: unionOf(topics, ({ sources }) => sources), written: unionOf(topics, writtenBy) }
}

function writtenBy({ outputs, deadLetters }: ApplicationTopics): readonly string[] {
  return deadLetters === undefined ? outputs : [...outputs, deadLetters]
}

function unionOf(
  topics: readonly ApplicationTopics[],
  part: (topics: ApplicationTopics) => readonly string[],
): readonly string[] {
  return [...new Set(topics.flatMap(part))]
}

function topicNamed(name: string): NewTopic {
  return { name, partitions: 1, replicationFactor: 1, configs: {} }
}

function unique(topics: readonly NewTopic[]): readonly NewTopic[] {
  return [...new Map(topics.map((topic) => [topic.name, topic])).values()]
}

/** Resolves when the groups have committed everything in the topics that they read. */
async function processed(kafka: KafkaDriver, workers: readonly PreparedWorker[]): Promise<void> {
  const admin = kafka.admin()
  for (const worker of workers) while (!(await isProcessed(admin, worker))) await systemClock.sleep(checkEveryMs)
}

/** What is committed has its results in the topics: ends that are read later include them. */
async function isProcessed(admin: Admin, worker: PreparedWorker): Promise<boolean> {
  const committed = await admin.groupOffsets(worker.applicationId)
  const offsets = new Map(committed.map(({ topic, partition, offset }) => [partitionKey(topic, partition), offset]))
  const { sources, repartitions } = await applicationTopics(worker, admin)
  const global = new Set(worker.topology.globalStores.values())
  const names = [...sources.filter((name) => !global.has(name)), ...repartitions.map(({ name }) => name)]
  const ends = await offsetsAt(admin, await topicPartitions(admin, names), 'latest')
  return [...ends].every(([key, end]) => (offsets.get(key) ?? 0) >= end)
}
