import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { systemClock } from '../../../../src/core/clock.ts'
import { silentLogger } from '../../../../src/core/logger.ts'
import { StreamsBuilder } from '../../../../src/dsl/streams-builder.ts'
import { customWindows } from '../../../../src/dsl/window-definitions.ts'
import { MemoryCluster } from '../../../../src/kafka/memory/cluster.ts'
import { createMemoryDriver } from '../../../../src/kafka/memory/driver.ts'
import { createApplication } from '../../../../src/runtime/application/application.ts'
import { windowQuery } from '../../../../src/runtime/application/store-query.ts'
import { string } from '../../../../src/serde/primitives.ts'
import { createTaskStores } from '../../../../src/stores/create-task-stores.ts'
import { openLmdbEngine } from '../../../../src/stores/lmdb/lmdb-engine.ts'
import { until } from '../../../support/until.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-custom-windows-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const texts = { key: string(), value: string() }

/** Windows of 10 and 20 ms in turns, told as they close. */
function topology() {
  const builder = new StreamsBuilder()
  const windows = customWindows({
    sizeMs: 20,
    windowsFor(timestamp) {
      const startMs = timestamp - (timestamp % 30)
      return [timestamp % 30 < 10 ? { startMs, endMs: startMs + 10 } : { startMs: startMs + 10, endMs: startMs + 30 }]
    },
  })
  builder
    .stream('in', texts)
    .groupByKey()
    .windowedBy(windows)
    .emitStrategy('on-window-close')
    .count({ store: 'counts', retentionMs: 1000 })
    .toStream(({ key, window }) => `${key} ${window.startMs}-${window.endMs}`)
    .mapValues(String)
    .to('out', texts)
  return builder.build()
}

test.each(['kept', 'lost'])(
  'custom windows go on after a restart with their state %s',
  async (state) => {
    const cluster = new MemoryCluster({ clock: systemClock })
    for (const name of ['in', 'out']) cluster.createTopic({ name, partitions: 1, replicationFactor: 1, configs: {} })
    const start = async () => {
      const stateDirectory = join(folder, state)
      const application = createApplication(
        {
          applicationId: 'app',
          stateDirectory,
          commitIntervalMs: 20,
          pollMs: 5,
          producerLingerMs: 0,
          windowEmitIntervalMs: 0,
        },
        {
          topology: topology(),
          driver: createMemoryDriver(cluster),
          openStores: (options) => createTaskStores({ ...options, openEngine: openLmdbEngine }),
          logger: silentLogger,
        },
      )
      await application.start()
      return application
    }
    const count = (timeMs: number) => cluster.append('in', 0, Buffer.from('ann'), Buffer.from('click'), timeMs)
    const told = () => {
      const { logs } = cluster.topic('out')
      const keys: string[] = []
      for (let offset = 0; offset < (logs[0]?.endOffset ?? 0); offset++) {
        const batch = logs[0]?.read(offset, 1)
        keys.push(Buffer.from(batch?.key(0) ?? []).toString())
      }
      return keys
    }

    const first = await start()
    for (const timeMs of [5, 15, 25]) count(timeMs)
    await until(() => told().length === 1)
    await until(() => first.query(windowQuery('counts')).fetchAll(0, 100).length === 2)
    const keys = first
      .query(windowQuery('counts'))
      .fetchAll(0, 100)
      .map(({ key }) => key)
    expect(keys.map((key) => (key as { window: unknown }).window)).toEqual([
      { startMs: 0, endMs: 10 },
      { startMs: 10, endMs: 30 },
    ])
    await first.close()
    if (state === 'lost') rmSync(join(folder, state), { recursive: true })

    const second = await start()
    for (const timeMs of [29, 35, 41]) count(timeMs)
    await until(() => told().length === 3)
    expect(told()).toEqual(['ann 0-10', 'ann 10-30', 'ann 30-40'])
    await second.close()
  },
  60_000,
)
