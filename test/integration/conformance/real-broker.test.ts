import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sharedKafka } from '../../support/kafka-cluster.ts'
import { requireServer } from '../../support/require-server.ts'
import { prefixed, runOnBroker } from './broker-run.ts'
import type { Vector } from '../../conformance/vector.ts'
import { sampledVectors } from './sample.ts'

const atOnce = 8
const sample = sampledVectors()

interface Result {
  readonly prefix: string
  readonly running: ReturnType<typeof runOnBroker>
}

requireServer('kafka').describe('real stream threads on a real broker give what Kafka Streams gives', () => {
  const run = `conf-${process.pid}-${Date.now() % 100_000}`
  let kafka: Awaited<ReturnType<typeof sharedKafka>>
  let folder: string
  const results = new Map<string, Result>()

  beforeAll(async () => {
    kafka = await sharedKafka()
    folder = await mkdtemp(join(tmpdir(), 'millrace-conformance-'))
    await runSample()
  })

  afterAll(async () => {
    await kafka?.stop()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  })

  /** Each runs for itself, several at a time: they wait for the broker most of the time. */
  async function runSample(): Promise<void> {
    const waiting = sample.map((vector, index) => ({ vector, prefix: `${run}-${index}-` }))
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { vector, prefix } = next
        const stateDirectory = join(folder, prefix)
        const running = runOnBroker(prefixed(vector, prefix), `${prefix}app`, kafka.bootstrap, stateDirectory)
        running.catch(() => {})
        results.set(vector.name, { prefix, running })
        await running.catch(() => {})
      }
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
  }

  test.each(sample.map((vector) => [vector.name, vector] as const))('%s', async (name, vector) => {
    const { prefix, running } = results.get(name) as Result
    expect(await running).toEqual(expectedOf(vector, prefix))
  })
})

/** What Kafka Streams put out, under the prefixed names. */
function expectedOf(vector: Vector, prefix: string): unknown {
  /** Dead letters name the topic that they came from. */
  const named = (value: string | null): string | null =>
    value !== null && Object.hasOwn(vector.topics.inputs, value) ? `${prefix}${value}` : value
  const outputs = Object.entries(vector.expect.outputs ?? {}).map(([topic, records]) => [
    `${prefix}${topic}`,
    records.map(({ step: _step, headers, ...record }) => ({
      ...record,
      ...(headers === undefined ? {} : { headers: headers.map(([name, value]) => [name, named(value)]) }),
    })),
  ])
  return Object.fromEntries(outputs)
}
