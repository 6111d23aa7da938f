import { afterEach, describe, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApplicationOptions } from '../../../../src/runtime/settings.ts'
import { createTaskStores } from '../../../../src/stores/create-task-stores.ts'
import { openLmdbEngine } from '../../../../src/stores/lmdb/lmdb-engine.ts'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { ids, isBad, onceAndCounted } from '../once-and-counted.ts'
import { DoomedProcess } from './doomed-process.ts'

const directories: string[] = []
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true })
})

const transactionTimeoutMs = 10_000
const good = ids.filter((id) => !isBad(id))
const texted = (bytes: Uint8Array | null) => Buffer.from(bytes ?? []).toString()

async function outcome(lastCall: number, end: 'before' | 'after', kept: 'disk' | 'memory', cacheBytesMax: number) {
  const world = new SimulatedWorld()
  world.createTopics({ in: 2, out: 2, counted: 1, letters: 1 })
  const directory = kept === 'disk' ? await mkdtemp(join(tmpdir(), 'millrace-eos-')) : undefined
  if (directory !== undefined) directories.push(directory)
  const options: Partial<ApplicationOptions> = {
    processingGuarantee: 'exactly-once',
    transactionTimeoutMs,
    cacheBytesMax,
    stateDirectory: directory,
    processingHandler: 'continue',
    deadLetterTopic: 'letters',
    sessionTimeoutMs: 3000,
    heartbeatIntervalMs: 500,
  }
  const openStores: typeof createTaskStores = (stores) => createTaskStores({ ...stores, openEngine: openLmdbEngine })
  const doomed = new DoomedProcess(world.cluster, lastCall, end)
  const first = world.application(onceAndCounted(), options, { driver: doomed.driver, openStores })
  await world.finish(first.start().catch(() => {}))
  world.write(
    'in',
    ids.map((id) => [id, 'word'] as const),
  )
  const isDone = () => world.uncommitted('app', 'in') === 0 && world.uncommitted('app', 'app-words-repartition') === 0
  await world.until(() => doomed.isGone || isDone())
  const wasDoomed = doomed.isGone
  await doomed.driver.close()
  await world.finish(first.close().catch(() => {}))
  const second = world.application(onceAndCounted(), options, { openStores })
  await world.finish(second.start())
  await world.until(isDone)
  await world.finish(second.close())
  // Without a directory the next process has another transactional id: readers wait for the cluster to end the transaction.
  if (kept === 'memory') await world.run(transactionTimeoutMs)
  const keys = (topic: string) =>
    world
      .read(topic)
      .map(({ key }) => texted(key))
      .sort()
  const counts = world.read('counted').map(({ value }) => Number(Buffer.from(value ?? []).readBigInt64BE()))
  return { wasDoomed, out: keys('out'), letters: keys('letters'), counts }
}

describe('a process that is gone at any step of its transactions', () => {
  const cases = [
    { end: 'before', kept: 'memory', cacheBytesMax: 0 },
    { end: 'after', kept: 'memory', cacheBytesMax: 1e6 },
    { end: 'before', kept: 'disk', cacheBytesMax: 1e6 },
    { end: 'after', kept: 'disk', cacheBytesMax: 0 },
  ] as const

  test.each(cases)('leaves each result once: %j', async ({ end, kept, cacheBytesMax }) => {
    let steps = 0
    for (let lastCall = 1; ; lastCall++) {
      const { wasDoomed, ...results } = await outcome(lastCall, end, kept, cacheBytesMax)
      const { counts, ...once } = results
      expect({ lastCall, ...once }).toEqual({ lastCall, out: good, letters: ids.filter(isBad) })
      // With a cache the last count of each interval, without one every count, and each of them once.
      expect({ lastCall, counts }).toEqual({ lastCall, counts: [...new Set(counts)].sort((a, b) => a - b) })
      expect(counts.at(-1)).toBe(good.length)
      if (cacheBytesMax === 0) expect(counts).toHaveLength(good.length)
      if (!wasDoomed) break
      steps = lastCall
    }
    expect(steps).toBeGreaterThan(2 * ids.length)
    process.stdout.write(`exactly once, gone at each of ${steps} steps: ${end}, ${kept}\n`)
  })
})
