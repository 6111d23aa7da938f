import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { AuditEntry } from '../../../src/cli/audit.ts'
import { type Admin, json, type KafkaDriver, openKafka, openTopicWriter, string } from '../../../src/index.ts'
import { commandLine } from '../../support/command-line.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'

const module = 'test/unit/cli/modules/page-views.ts'
const group = 'page-views'
/** Ahead of the clock: retention of the topic is a minute. */
const firstMs = Date.now()
const minuteMs = 60_000

requireServer('kafka').describe('millrace lag, top, tasks, topics and reset on a real Kafka', () => {
  let kafka: KafkaCluster
  let driver: KafkaDriver
  let admin: Admin
  let environment: Readonly<Record<string, string>>
  let stop: (signal: string) => void = () => {}
  let running: Promise<unknown> | undefined

  beforeAll(async () => {
    kafka = await startKafka()
    driver = openKafka({ bootstrap: kafka.bootstrap })
    admin = driver.admin()
    environment = {
      KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrap,
      KAFKA_REPLICATION_FACTOR: '1',
      KAFKA_OFFSET_RESET: 'earliest',
      STATE_DIRECTORY: mkdtempSync(join(tmpdir(), 'millrace-reset-')),
      COMMIT_INTERVAL_MS: '100',
      OPS_PORT: '0',
      OPS_TOKEN: 'a-token',
      LOG_LEVEL: 'error',
    }
    expect((await millrace('topics', 'apply', module)).exitCode).toBe(0)
    const writer = await openTopicWriter(driver, 'views', { key: string(), value: json<object>() })
    for (let minute = 0; minute < 10; minute++)
      await writer.write('ann', { page: '/' }, { timestamp: firstMs + minute * minuteMs })
    await writer.close()
  }, 240_000)
  beforeEach(async () => {
    const stopped = new Promise<string>((resolve) => (stop = resolve))
    running = commandLine({ environment, stop: stopped }).run('run', module)
    await until(async () => {
      const { state, members } = await admin.describeGroup(group).catch(() => ({ state: 'Dead', members: [] }))
      return state === 'Stable' && members.length === 1 && (await committed()) === 10
    }, 30_000)
  }, 60_000)
  afterEach(ended, 60_000)
  afterAll(async () => {
    await driver?.close()
    await kafka?.stop()
  })

  const millrace = (...args: readonly string[]) => commandLine({ environment }).run(...args)
  const committed = async (): Promise<number> =>
    (await admin.groupOffsets(group))
      .filter(({ topic }) => topic === 'views')
      .reduce((sum, { offset }) => sum + offset, 0)
  async function ended(): Promise<void> {
    stop('SIGTERM')
    await running
  }

  test('topics plan finds nothing to change after apply', async () => {
    expect((await millrace('topics', 'plan', module)).exitCode).toBe(0)
  })

  test('lag, top and tasks agree with the broker, and show the worker through the address in the group', async () => {
    const lag = await millrace('lag', group, '--once', '--interval', '1', '--json')
    const { state, partitions } = JSON.parse(lag.out) as { state: string; partitions: { records: number }[] }
    expect([state, partitions.reduce((sum, { records }) => sum + records, 0)]).toEqual(['Stable', 0])
    const top = await millrace('top', group, '--once', '--interval', '1')
    expect(top).toMatchObject({ exitCode: 0, errors: '' })
    expect(top.out).toMatch(/\nhttp:\/\/127\.0\.0\.1:\d+ +page-views +RUNNING +\d+ +0 +0 +-/)
    const tasks = await millrace('tasks', group, '--once')
    expect(tasks.out).toMatch(/0_0 +active +.* RUNNING +-/)
  })

  test('reset names the members that keep the group alive, and changes nothing', async () => {
    const { exitCode, errors } = await millrace('reset', module, '--wait', '1', '--execute')
    expect([exitCode, errors]).toEqual([2, expect.stringMatching(/group page-views has 1 member .*thread-1@/)])
    expect(await committed()).toBe(10)
  })

  test('reset to a time moves the offsets there, deletes internal topics and state, and is read back and audited', async () => {
    await ended()
    const to = new Date(firstMs + 7 * minuteMs).toISOString()
    const { exitCode, out } = await millrace('reset', module, '--to-time', to, '--execute')
    expect([exitCode, out]).toEqual([0, expect.stringContaining('done, and read back from the cluster')])
    // Partitions without a record of that time are at their end, which is 0 here.
    const offsets = (await admin.groupOffsets(group))
      .filter(({ topic }) => topic === 'views')
      .map(({ offset }) => offset)
    expect(offsets.sort()).toEqual([0, 7])
    expect((await admin.listTopics()).filter((topic) => topic.startsWith('page-views-'))).toEqual([])
    const peer = await KafkajsPeer.connect(kafka.bootstrap)
    const records = await peer.readAll('millrace-audit')
    await peer.close()
    const entries = records.map(({ value }) => JSON.parse(String(value)) as AuditEntry)
    expect(entries.slice(-2)).toMatchObject([
      { state: 'planned', command: `reset ${module}`, user: 'somebody@somewhere' },
      { state: 'done', command: `reset ${module}` },
    ])
  })
})
