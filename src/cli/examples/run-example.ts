import { isDeepStrictEqual } from 'node:util'
import { errorMessage, MillraceError } from '../../core/errors.ts'
import { TopologyTestDriver } from '../../testing/topology-test-driver.ts'
import type { PreparedWorker } from '../../worker/prepare-worker.ts'
import type { ExpectedRecord, WorkerExample } from '../../worker/worker-example.ts'
import { shownBytes, textOf } from '../records/record-line.ts'
import { sinkSerdes, sourceSerdes } from '../records/topic-serdes.ts'

/** Runs an example on the topology, without Kafka. Resolves with what differs; empty: all is as expected. */
export async function runExample(worker: PreparedWorker, example: WorkerExample): Promise<readonly string[]> {
  const { stateDirectory: _, ...engine } = worker.engine
  const driver = new TopologyTestDriver(worker.topology, { ...engine, logger: worker.logger })
  try {
    await writeInput(driver, worker, example)
    return Object.entries(example.output).flatMap(([topic, expected]) =>
      differences(topic, expected, outputOf(driver, worker, topic)),
    )
  } catch (error) {
    return [errorMessage(error)]
  } finally {
    await driver.close()
  }
}

async function writeInput(driver: TopologyTestDriver, worker: PreparedWorker, { input }: WorkerExample): Promise<void> {
  const topics = new Map(
    [...new Set(input.map(({ topic }) => topic))].map((topic) => {
      const serdes = sourceSerdes(worker.topology, topic)
      if (serdes !== undefined) return [topic, driver.createInputTopic(topic, serdes)] as const
      throw new MillraceError('UNKNOWN_TOPIC', 'fatal', `no source of the topology reads ${topic}`)
    }),
  )
  await driver.prepare()
  let time = 0
  for (const { topic, key = null, value, timestamp = time } of input) {
    time = timestamp
    topics.get(topic)?.pipeInput(key, value, timestamp)
    await driver.settle()
  }
}

function outputOf(
  driver: TopologyTestDriver,
  worker: PreparedWorker,
  topic: string,
): readonly Required<ExpectedRecord>[] {
  const serdes = sinkSerdes(worker.topology, topic)
  return driver
    .producedRecords()
    .filter((record) => record.topic === topic)
    .map(({ key, value, timestamp }) => ({
      key: shownBytes(serdes?.key, key, topic),
      value: shownBytes(serdes?.value, value, topic),
      timestamp,
    }))
}

function differences(
  topic: string,
  expected: readonly ExpectedRecord[],
  found: readonly Required<ExpectedRecord>[],
): readonly string[] {
  return Array.from({ length: Math.max(expected.length, found.length) }, (_, index) => {
    const [left, right] = [expected[index], found[index]]
    if (left !== undefined && right !== undefined && isEqual(left, right)) return []
    return [`${topic}, record ${index + 1}: expected ${shownRecord(left)}, but it is ${shownRecord(right)}`]
  }).flat()
}

function isEqual({ key = null, value, timestamp }: ExpectedRecord, found: Required<ExpectedRecord>): boolean {
  const expected = { key, value, timestamp: timestamp ?? found.timestamp }
  return isDeepStrictEqual(plain(expected), plain(found))
}

/** As JSON tells it: what a serde reads may have a prototype of its own. */
function plain(record: ExpectedRecord): unknown {
  return JSON.parse(textOf(record)) as unknown
}

function shownRecord(record: ExpectedRecord | undefined): string {
  return record === undefined ? 'none' : textOf(record)
}
