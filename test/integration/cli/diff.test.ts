import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type KafkaDriver, openKafka, openTopicWriter, silentLogger, string } from '../../../src/index.ts'
import { startWorker } from '../../../src/worker/index.ts'
import { commandLine } from '../../support/command-line.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-cluster.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import evolving, { type Shape } from '../../support/evolving.ts'

const module = 'test/support/evolving.ts'

requireServer('kafka').describe('a changed topology on a real broker', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-diff-'))
  let kafka: KafkaCluster
  let driver: KafkaDriver
  let environment: Record<string, string>

  const diff = (shape: Shape) => commandLine({ environment: { ...environment, SHAPE: shape } }).run('diff', module)
  const start = (shape: Shape) =>
    startWorker(evolving, { environment: { ...environment, SHAPE: shape }, logger: silentLogger })

  beforeAll(async () => {
    kafka = await startKafka()
    driver = openKafka({ bootstrap: kafka.bootstrap })
    environment = {
      KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrap,
      KAFKA_OFFSET_RESET: 'earliest',
      COMMIT_INTERVAL_MS: '20',
      STATE_DIRECTORY: folder,
    }
    const admin = driver.admin()
    const topics = ['views', 'view-counts', 'latest']
    await admin.createTopics(
      topics.map((name) => ({ name, partitions: 2, replicationFactor: 1, configs: {} })),
      10_000,
    )
    const views = await openTopicWriter(driver, 'views', { key: string(), value: string(), timeoutMs: 10_000 })
    for (const user of ['ann', 'bob', 'cid']) await views.write(user, `{"page":"/${user}"}`)
    await views.close()
    const streams = await start('base')
    await until(async () => {
      const places = [0, 1].map((partition) => ({ topic: 'view-counts', partition, at: 'latest' as const }))
      const ends = await admin.listOffsets(places, 'read_committed')
      return ends.reduce((sum, { offset }) => sum + offset, 0) === 3
    })
    await streams.close()
  }, 120_000)
  afterAll(async () => {
    await driver?.close()
    await kafka?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('the same one can be deployed: 0', async () => {
    const { exitCode, out } = await diff('base')
    expect([exitCode, out]).toEqual([0, expect.stringMatching(/kept +store +counts +3/)])
  })

  test('one with a renamed store cannot: 1, with the name that keeps its rows', async () => {
    const { exitCode, out } = await diff('renamed')
    expect([exitCode, out]).toEqual([1, expect.stringContaining("name it 'counts' (option store)")])
  })

  test('rows are read with the serdes of today', async () => {
    const { exitCode, out } = await diff('otherValues')
    expect([exitCode, out]).toEqual([1, expect.stringContaining('serde json cannot read its values')])
  })

  test('a worker with a renamed store does not start', async () => {
    await expect(start('renamed')).rejects.toMatchObject({ code: 'STATE_LOSS' })
  })
})
