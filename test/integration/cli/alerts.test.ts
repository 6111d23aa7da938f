import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { notices } from '../../../src/alerts/index.ts'
import {
  defineTopology,
  json,
  type KafkaDriver,
  openKafka,
  openTopicWriter,
  silentLogger,
  startStreams,
  string,
} from '../../../src/index.ts'
import { writerDefaults } from '../../../src/kafka/writer-defaults.ts'
import { notify } from '../../../topologies/alerting/notify.ts'
import { commandLine } from '../../support/command-line.ts'
import { sharedKafka } from '../../support/kafka-cluster.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { alertChange } from '../../support/notices.ts'

const second = 1000
const minute = 60 * second
const own = (name: string) => `cli-alerts-${process.pid}-${name}`

requireServer('kafka').describe('millrace alerts on a real Kafka', () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-alerts-'))
  let kafka: Awaited<ReturnType<typeof sharedKafka>>
  let driver: KafkaDriver

  beforeAll(async () => {
    kafka = await sharedKafka()
    driver = openKafka({ bootstrap: kafka.bootstrap })
  }, 240_000)
  afterAll(async () => {
    await driver?.close()
    await kafka?.stop()
    rmSync(directory, { recursive: true })
  })

  const run = (...args: readonly string[]) =>
    commandLine({
      directory,
      environment: {
        KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrap,
        ALERTS_APPLICATION_ID: own('worker'),
        ALERTS_NOTICES_FILE: 'notices.yaml',
        ALERT_SILENCES_TOPIC: own('silences'),
        ALERT_ACKNOWLEDGEMENTS_TOPIC: own('acknowledgements'),
        ALERT_SOURCES_TOPIC: own('sources'),
        AUDIT_TOPIC: own('audit'),
      },
    }).run('alerts', ...args)
  const createTopics = (partitions: number, cleanup: string, ...names: readonly string[]) =>
    driver.admin().createTopics(
      names.map((name) => ({
        name: own(name),
        partitions,
        replicationFactor: 1,
        configs: { 'cleanup.policy': cleanup },
      })),
      30_000,
    )

  test('a group of the worker is described, silenced and acknowledged', async () => {
    const definition = { receivers: [{ name: 'log' }], routes: [{ name: 'all', receivers: ['log'], wait: '0s' }] }
    writeFileSync(join(directory, 'notices.yaml'), JSON.stringify(definition))
    await createTopics(1, 'compact', 'silences', 'sources')
    await createTopics(2, 'delete', 'changes', 'acknowledgements', 'moves', 'notices')
    const topology = defineTopology('alerts', (builder) => {
      notify(builder, builder.stream(own('changes'), { key: string(), value: json() }), {
        plan: notices(definition),
        notifiers: [],
        logger: silentLogger,
        topics: {
          silences: own('silences'),
          acknowledgements: own('acknowledgements'),
          sources: own('sources'),
          moves: own('moves'),
          notices: own('notices'),
        },
      })
    })
    const streams = await startStreams(
      {
        applicationId: own('worker'),
        commitIntervalMs: 100,
        offsetReset: 'earliest',
        logger: silentLogger,
        kafka: { bootstrap: kafka.bootstrap },
      },
      topology,
    )
    try {
      const writer = await openTopicWriter(driver, own('changes'), { key: string(), value: json() })
      const change = alertChange('checkout', 'firing', { startMs: Date.now() })
      await writer.write(change.key, change)
      await writer.close()
      const described = async () => {
        const { out, exitCode } = await run('describe')
        return exitCode === 0 ? out : ''
      }
      await until(async () => (await described()).includes('firing errors/checkout'), 30_000)
      const [, key = ''] = /key of its notices: (\S+)/.exec(await described()) ?? []
      expect((await run('acknowledge', key, '--author', 'ann')).exitCode).toBe(0)
      expect((await run('silence', '--match', 'service=checkout', '--for', '1h', '--reason', 'x')).exitCode).toBe(0)
      await until(async () => /acknowledged by: ann\n[^]*\(silenced by /.test(await described()), 30_000)
    } finally {
      await streams.close()
    }
  }, 120_000)

  test('a replay reads the partitions of a topic together, also where one is much longer', async () => {
    await createTopics(4, 'delete', 'logs')
    writeFileSync(
      join(directory, 'rules.yaml'),
      "rules: [{ name: errors, kind: threshold, where: level == 'error', groupBy: [service], window: 1m, fire: '>= 40' }]\n",
    )
    // At a full minute, so that the errors are in one window.
    const beginMs = Math.floor(Date.now() / minute) * minute - 7_200_000
    const producer = driver.producer({ ...writerDefaults, clientId: own('producer') })
    await producer.prepareTopics([own('logs')], 30_000)
    const write = async (partition: number, atMs: number, level: string) => {
      if (producer.isFull) await producer.drained()
      const value = { timestamp: new Date(atMs).toISOString(), level, service: 'shop', message: 'x'.repeat(500) }
      producer.send(own('logs'), partition, null, Buffer.from(JSON.stringify(value)), atMs, [])
    }
    // Only all partitions together have 40 errors in a minute: each one has 15, in the second hour.
    for (let index = 0; index < 30_000; index++) await write(0, beginMs + index * 200, 'info')
    for (let partition = 0; partition < 4; partition++)
      for (let index = 0; index < 15; index++) await write(partition, beginMs + 6_000_000 + index * second, 'error')
    await producer.flush(30_000)
    await producer.close(30_000)
    const { exitCode, out, errors } = await run(
      'replay',
      '--rule',
      'rules.yaml',
      '--from',
      '-1d',
      '--topic',
      own('logs'),
    )
    expect([exitCode, errors]).toEqual([0, expect.stringContaining('30060 logs from ')])
    expect(out).toContain(
      `errors{service="shop"}: medium, from ${new Date(beginMs + 6_000_000).toISOString().slice(0, 16)}`,
    )
    expect(out).toContain('1 alert would have fired (errors 1)')
  }, 120_000)
})
