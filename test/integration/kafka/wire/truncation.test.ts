import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { Consumer } from '../../../../src/kafka/port.ts'
import { type KafkaCluster, startKafka } from '../../../support/kafka-cluster.ts'
import { requireServer } from '../../../support/require-server.ts'
import { until } from '../../../support/until.ts'
import { numbered, poll, type Read, Rig } from './rig.ts'

let kafka: KafkaCluster
let rig: Rig

beforeAll(async () => {
  kafka = await startKafka({ nodes: 3 })
  rig = new Rig(kafka.bootstrap)
})

afterEach(() => rig.closeConsumers())

afterAll(async () => {
  await rig?.close()
  await kafka?.stop()
})

/**
 * Ten records of which only the first five are on both replicas, read by some, only fetched by `lagging`; then the log
 * as the other replica has it, written further.
 */
async function loseRecords(topic: string, readers: readonly Consumer[], lagging: Consumer): Promise<void> {
  const { leader, replicas } = await rig.placeOf(topic)
  const follower = replicas.find((node) => node !== leader) as number
  await rig.write(topic, numbered(5))
  await kafka.kill(follower)
  await rig.write(topic, ['lost', 'lost', 'lost', 'lost', 'lost'])
  for (const reader of readers) await rig.read(reader, 10, 60_000)
  await until(() => lagging.endOffset({ topic, partition: 0 }) === 10, 60_000, 'all is fetched')
  await kafka.kill(leader)
  await kafka.restart(follower)
  // Past the offset where reading stopped, so that only the leader's epoch can tell.
  await rig.write(topic, numbered(10, 5))
  await kafka.restart(leader)
}

requireServer('kafka').describe('an unclean leader election', () => {
  test('an unclean leader election is noticed: reading continues at the first lost record, or stops under "none"', async () => {
    const topic = await rig.topic(1, { 'unclean.leader.election.enable': 'true', 'min.insync.replicas': '1' }, 2)
    const reading = rig.consumer({ offsetReset: () => 'earliest' })
    const refusing = rig.consumer({ offsetReset: () => 'none' })
    const lagging = rig.consumer({ offsetReset: () => 'none' })
    for (const consumer of [reading, refusing, lagging]) consumer.assign([{ topic, partition: 0, offset: 0 }])
    await loseRecords(topic, [reading, refusing], lagging)
    const newRecords = numbered(10, 5).map((value, index) => `${5 + index} ${value}`)
    expect(texts(await rig.read(reading, 10, 60_000))).toEqual(newRecords)
    expect(texts(await rig.read(lagging, 15, 60_000)).slice(5)).toEqual(newRecords)
    await expect(pollUntilItRejects(refusing)).rejects.toMatchObject({
      code: 'LOG_TRUNCATED',
      details: { topic, partition: 0, offset: 10, endOffset: 5 },
    })
  })
})

const texts = (records: readonly Read[]): string[] => records.map(({ offset, value }) => `${offset} ${value}`)

async function pollUntilItRejects(consumer: Consumer): Promise<void> {
  const endMs = Date.now() + 60_000
  while (Date.now() < endMs) {
    const records = await poll(consumer)
    if (records.length > 0) throw new Error(`it read ${texts(records).join(', ')}`)
  }
}
