import { networkInterfaces } from 'node:os'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { json, type KafkaDriver, openKafka, openTopicWriter, string } from '../../../src/index.ts'
import { commandLine } from '../../support/command-line.ts'
import { sharedKafka } from '../../support/kafka-cluster.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { temporaryFolder } from '../fleet/start-process.ts'

const module = 'test/unit/cli/modules/visits.ts'
const applicationId = `visits-${process.pid}`
const users = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay']

/** An address of this machine that others see; loopback where there is none. */
function outerAddress(): string {
  const found = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  return found.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1'
}

requireServer('kafka').describe('millrace state on a real Kafka', () => {
  let kafka: Awaited<ReturnType<typeof sharedKafka>>
  let driver: KafkaDriver
  let stop: (signal: string) => void = () => {}
  const running: Promise<unknown>[] = []

  beforeAll(async () => {
    kafka = await sharedKafka()
    driver = openKafka({ bootstrap: kafka.bootstrap })
  }, 240_000)
  afterEach(async () => {
    stop('SIGTERM')
    await Promise.all(running)
  }, 60_000)
  afterAll(async () => {
    await driver?.close()
    await kafka?.stop()
  })

  const environment = () => ({
    KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrap,
    KAFKA_OFFSET_RESET: 'earliest',
    KAFKA_REPLICATION_FACTOR: '1',
    APPLICATION_ID: applicationId,
    COMMIT_INTERVAL_MS: '100',
    OPS_PORT: '0',
    OPS_TOKEN: 'a-token',
    LOG_LEVEL: 'error',
  })

  test('finds each key with the process that has it, by the addresses in the group, and needs the token of the workers', async () => {
    const admin = driver.admin()
    const topics = [
      { name: 'visits', partitions: 2, replicationFactor: 1, configs: {} },
      { name: 'users', partitions: 1, replicationFactor: 1, configs: {} },
    ]
    await admin.createTopics(topics, 30_000)
    const writer = await openTopicWriter(driver, 'visits', { key: string(), value: json<object>() })
    for (const user of users) await writer.write(user, { user })
    await writer.close()
    const stopped = new Promise<string>((resolve) => (stop = resolve))
    for (let index = 0; index < 2; index++) {
      // The second is reached from other machines too.
      const reach = index === 0 ? {} : { OPS_HOST: '0.0.0.0', OPS_ADVERTISED_HOST: outerAddress() }
      const settings = { ...environment(), ...reach, STATE_DIRECTORY: temporaryFolder() }
      running.push(commandLine({ environment: settings, stop: stopped }).run('run', module))
    }
    await until(async () => {
      const { members } = await admin.describeGroup(applicationId).catch(() => ({ members: [] }))
      const owners = members.filter(({ active }) => (active?.length ?? 0) > 0)
      const committed = (await admin.groupOffsets(applicationId)).filter(({ topic }) => topic === 'visits')
      return owners.length === 2 && committed.reduce((sum, { offset }) => sum + offset, 0) >= users.length
    }, 60_000)
    const workers = new Set<unknown>()
    for (const user of users) {
      const { out, errors } = await commandLine({ environment: environment() }).run(
        ...['state', 'get', 'total', user, '--module', module, '--json'],
      )
      expect(errors).toBe('')
      const { rows } = JSON.parse(out) as { rows: { key: string; value: number; worker: string }[] }
      expect(rows).toMatchObject([{ key: user, value: 1 }])
      workers.add(rows[0]?.worker)
    }
    expect(workers.size).toBe(2)
    const stranger = { ...environment(), OPS_TOKEN: 'another' }
    const refused = await commandLine({ environment: stranger }).run('state', 'get', 'total', 'ann', '--module', module)
    expect([refused.exitCode, refused.errors]).toEqual([
      2,
      expect.stringContaining('set OPS_TOKEN as the worker has it'),
    ])
  }, 180_000)
})
