import { afterAll, beforeAll, expect, test } from '@jest/globals'
import {
  createSchemaRegistryClient,
  type KafkaDriver,
  openKafka,
  openTopicWriter,
  registryAvro,
  silentLogger,
  startStreams,
  string,
} from '../../../src/index.ts'
import { sharedApicurio } from '../../support/apicurio.ts'
import { commandLine } from '../../support/command-line.ts'
import { sharedKafka } from '../../support/kafka-cluster.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { copies } from '../../unit/cli/modules/plain-topology.ts'

const topic = { partitions: 2, replicationFactor: 1, configs: {} }

requireServer('kafka', 'apicurio').describe('millrace tap on a real Kafka', () => {
  let kafka: Awaited<ReturnType<typeof sharedKafka>>
  let registry: Awaited<ReturnType<typeof sharedApicurio>>
  let driver: KafkaDriver

  beforeAll(async () => {
    ;[kafka, registry] = await Promise.all([sharedKafka(), sharedApicurio()])
    driver = openKafka({ bootstrap: kafka.bootstrap })
  }, 240_000)
  afterAll(async () => {
    await driver?.close()
    await kafka?.stop()
    await registry?.stop()
  })

  const tap = (...args: readonly string[]) =>
    commandLine({
      environment: { KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrap, SCHEMA_REGISTRY_URL: registry.url },
    }).run('tap', ...args, '--from', 'earliest', '--to-end', '--json')

  test('leaves members and offsets of the live group as they were', async () => {
    const names = ['originals', 'copies'].map((name) => ({ ...topic, name }))
    const admin = driver.admin()
    await admin.createTopics(names, 30_000)
    const applicationId = `tapped-${process.pid}`
    const options = { applicationId, commitIntervalMs: 100, offsetReset: 'earliest', logger: silentLogger } as const
    const streams = await startStreams({ ...options, kafka: { bootstrap: kafka.bootstrap } }, copies)
    const writer = await openTopicWriter(driver, 'originals', { key: string(), value: string() })
    for (let index = 0; index < 20; index++) await writer.write(`key ${index}`, 'value')
    await writer.close()
    const done = async () => (await admin.groupOffsets(applicationId)).reduce((sum, { offset }) => sum + offset, 0)
    await until(async () => (await done()) >= 20, 30_000)
    const look = async () => [await admin.describeGroup(applicationId), await admin.groupOffsets(applicationId)]
    const [before, groups] = [await look(), await admin.listGroups()]
    const { out } = await tap('originals')
    expect(out.trim().split('\n').length).toBeGreaterThanOrEqual(20)
    expect([await look(), await admin.listGroups()]).toEqual([before, groups])
    await streams.close()
  }, 120_000)

  test('reads Avro with the schemas of the registry', async () => {
    const name = `tapped-avro-${process.pid}`
    await driver.admin().createTopics([{ ...topic, name }], 30_000)
    const client = createSchemaRegistryClient({ url: registry.url })
    const schema = { type: 'record', name: 'Order', fields: [{ name: 'amount', type: 'int' }] }
    const value = registryAvro<{ amount: number }>({ client, schema })
    const writer = await openTopicWriter(driver, name, { key: string(), value })
    await writer.write('k', { amount: 5 })
    await writer.close()
    await client.close()
    const { out } = await tap(name, '--value-as', 'avro')
    expect(JSON.parse(out)).toMatchObject({ key: 'k', value: { amount: 5 } })
  }, 120_000)
})
