import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { systemClock } from '../../../../src/core/clock.ts'
import { silentLogger } from '../../../../src/core/logger.ts'
import { MemoryCluster } from '../../../../src/kafka/memory/cluster.ts'
import { createMemoryDriver } from '../../../../src/kafka/memory/driver.ts'
import { createApplication } from '../../../../src/runtime/application/application.ts'
import { createTaskStores } from '../../../../src/stores/create-task-stores.ts'
import { openLmdbEngine } from '../../../../src/stores/lmdb/lmdb-engine.ts'
import { counting } from '../counting.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-deleted-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('state whose directory is deleted while the application runs is restored, and counts continue', async () => {
  const cluster = new MemoryCluster({ clock: systemClock })
  for (const name of ['in', 'out']) cluster.createTopic({ name, partitions: 1, replicationFactor: 1, configs: {} })
  const application = createApplication(
    {
      applicationId: 'app',
      stateDirectory: join(folder, 'state'),
      commitIntervalMs: 20,
      pollMs: 5,
      producerLingerMs: 0,
    },
    {
      topology: counting(),
      driver: createMemoryDriver(cluster),
      openStores: (options) => createTaskStores({ ...options, openEngine: openLmdbEngine }),
      logger: silentLogger,
    },
  )
  const counted = async (count: number): Promise<void> => {
    cluster.append('in', 0, Buffer.from('k'), Buffer.from('v'), Date.now())
    const deadlineMs = performance.now() + 20_000
    const last = () => {
      const { logs } = cluster.topic('out')
      const end = logs[0]?.endOffset ?? 0
      const batch = end === 0 ? undefined : logs[0]?.read(end - 1, 1000)
      return batch === undefined ? undefined : Number(Buffer.from(batch.value(batch.count - 1) ?? []).toString())
    }
    while ((last() ?? 0) < count && performance.now() < deadlineMs) await systemClock.sleep(10)
    expect(last()).toBe(count)
  }
  await application.start()
  await counted(1)
  await counted(2)
  rmSync(join(folder, 'state'), { recursive: true, force: true })
  await counted(3)
  await counted(4)
  await counted(5)
  expect(application.state).toBe('RUNNING')
  await application.close()
}, 60_000)
