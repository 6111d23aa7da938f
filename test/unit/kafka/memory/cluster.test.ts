import { beforeEach, describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../../src/core/clock.ts'
import { errorCode } from '../../../../src/core/errors.ts'
import { noHeaders } from '../../../../src/core/headers.ts'
import { MemoryCluster } from '../../../../src/kafka/memory/cluster.ts'
import { createMemoryDriver } from '../../../../src/kafka/memory/driver.ts'
import type { Consumer, OffsetReset } from '../../../../src/kafka/port.ts'

const bytes = (text: string) => Buffer.from(text)
const topic = (name: string, configs: Readonly<Record<string, string>> = {}, partitions = 1) => ({
  name,
  partitions,
  replicationFactor: -1,
  configs,
})

let clock: ManualClock

beforeEach(() => {
  clock = new ManualClock(1_000_000)
})

function consumerOf(cluster: MemoryCluster, offsetReset: OffsetReset): Consumer {
  return createMemoryDriver(cluster).consumer({
    clientId: 'reader',
    isolationLevel: 'read_committed',
    offsetReset: () => offsetReset,
    fetchMinBytes: 1,
    fetchMaxBytes: 100_000,
    partitionFetchMaxBytes: 10_000,
    fetchMaxWaitMs: 100,
    bufferedBytesMax: 1_000_000,
  })
}

async function commitAt(cluster: MemoryCluster, groupId: string, offset: number): Promise<void> {
  const nobody = { groupId, generation: -1, memberId: '', instanceId: undefined }
  await consumerOf(cluster, 'none').commit([{ topic: 'logs', partition: 0, offset, metadata: '' }], nobody, 100)
}

describe('a topic with a bound', () => {
  const fill = (cluster: MemoryCluster, count: number) => {
    for (let index = 0; index < count; index++) {
      cluster.append('logs', 0, bytes(`key-${index % 10}`), bytes('x'.repeat(94)), index)
    }
  }

  test('never keeps more, whatever is written to it', () => {
    const cluster = new MemoryCluster({ clock, retainedBytesMax: 100_000 })
    cluster.createTopic(topic('logs'))
    for (let round = 0; round < 50; round++) {
      fill(cluster, 200)
      expect(cluster.topic('logs').retainedBytes).toBeLessThanOrEqual(100_000)
    }
    expect(cluster.log('logs', 0).endOffset).toBe(10_000)
    expect(cluster.topic('logs').retainedBytes).toBeGreaterThan(80_000)
  })

  test('is bounded by the number of its records too', () => {
    const cluster = new MemoryCluster({ clock, retainedBytesMax: 100_000 })
    cluster.createTopic(topic('logs'))
    for (let index = 0; index < 10_000; index++) cluster.append('logs', 0, null, null, 0)
    const { startOffset, endOffset } = cluster.log('logs', 0)
    expect(endOffset - startOffset).toBeLessThan(2_000)
  })

  test('counts what was dropped before some group had read it', async () => {
    const cluster = new MemoryCluster({ clock, retainedBytesMax: 100_000 })
    cluster.createTopic(topic('logs'))
    fill(cluster, 100)
    await commitAt(cluster, 'fast', 100)
    await commitAt(cluster, 'slow', 10)
    fill(cluster, 1_900)
    const { startOffset } = cluster.log('logs', 0)
    expect(startOffset).toBeGreaterThan(100)
    expect(cluster.lostRecords).toBe(startOffset - 10)
  })

  test('loses nothing that every group has committed past', async () => {
    const cluster = new MemoryCluster({ clock, retainedBytesMax: 100_000 })
    cluster.createTopic(topic('logs'))
    for (let round = 1; round <= 20; round++) {
      fill(cluster, 250)
      await commitAt(cluster, 'group', round * 250)
    }
    expect(cluster.log('logs', 0).startOffset).toBeGreaterThan(0)
    expect(cluster.lostRecords).toBe(0)
  })

  test('sends a reader that fell behind where its reset policy says, and counts it', async () => {
    const cluster = new MemoryCluster({ clock, retainedBytesMax: 100_000 })
    cluster.createTopic(topic('logs'))
    const consumer = consumerOf(cluster, 'earliest')
    consumer.assign([{ topic: 'logs', partition: 0, offset: 0 }])
    fill(cluster, 3_000)
    const [batch] = await consumer.poll(0)
    expect(batch?.offset(0)).toBe(cluster.log('logs', 0).startOffset)
    expect(cluster.offsetResets).toBe(1)
  })

  test('drops from the partition that holds the most', () => {
    const cluster = new MemoryCluster({ clock, retainedBytesMax: 100_000 })
    cluster.createTopic(topic('logs', {}, 2))
    cluster.append('logs', 1, null, bytes('quiet'), 0)
    fill(cluster, 3_000)
    expect([cluster.log('logs', 0).startOffset > 0, cluster.log('logs', 1).startOffset]).toEqual([true, 0])
  })

  test('is compacted instead where its policy is to compact', () => {
    const cluster = new MemoryCluster({ clock, retainedBytesMax: 100_000 })
    cluster.createTopic(topic('logs', { 'cleanup.policy': 'compact' }))
    fill(cluster, 50_000)
    const log = cluster.log('logs', 0)
    expect(cluster.topic('logs').retainedBytes).toBeLessThanOrEqual(100_000 + 100)
    expect([log.startOffset, log.endOffset, cluster.lostRecords]).toEqual([0, 50_000, 0])
    const keys = new Set<string>()
    for (let offset = 0; ; ) {
      const batch = log.read(offset, 10_000)
      if (batch === undefined) break
      for (let index = 0; index < batch.count; index++) keys.add(String(batch.key(index)))
      offset = batch.nextOffset
    }
    expect(keys.size).toBe(10)
  })

  test('that is compacted keeps tombstones for a while, and not for good', () => {
    const cluster = new MemoryCluster({ clock, retainedBytesMax: 100_000 })
    cluster.createTopic(topic('logs', { 'cleanup.policy': 'compact' }))
    const tombstones = () => {
      let count = 0
      for (let offset = 0; ; ) {
        const batch = cluster.log('logs', 0).read(offset, 10_000)
        if (batch === undefined) return count
        for (let index = 0; index < batch.count; index++) if (batch.value(index) === null) count++
        offset = batch.nextOffset
      }
    }
    for (let index = 0; index < 5_000; index++) cluster.append('logs', 0, bytes(`key-${index}`), null, 0)
    expect(tombstones()).toBe(5_000)
    clock.advance(600_000)
    fill(cluster, 20_000)
    expect(tombstones()).toBeLessThan(5_000)
    clock.advance(600_000)
    fill(cluster, 20_000)
    expect(tombstones()).toBe(0)
  })

  test('that is compacted lets old windows go by its retention', () => {
    const cluster = new MemoryCluster({ clock, retainedBytesMax: 100_000 })
    cluster.createTopic(topic('logs', { 'cleanup.policy': 'compact,delete', 'retention.ms': '60000' }))
    for (let window = 0; window < 20_000; window++) {
      clock.advance(1_000)
      cluster.append('logs', 0, bytes(`window-${window}`), bytes('x'.repeat(50)), clock.nowMs())
    }
    const { startOffset } = cluster.log('logs', 0)
    expect(startOffset).toBeGreaterThan(18_000)
    expect(startOffset).toBeLessThanOrEqual(20_000 - 60)
  })

  test('without a bound keeps everything', () => {
    const cluster = new MemoryCluster({ clock })
    cluster.createTopic(topic('logs', { 'cleanup.policy': 'compact' }))
    fill(cluster, 30_000)
    expect(cluster.log('logs', 0).read(0, 1)?.offset(0)).toBe(0)
    expect(cluster.topic('logs').retainedBytes).toBeGreaterThan(30_000 * 100)
  })
})

describe('on request', () => {
  test('a topic is compacted', () => {
    const cluster = new MemoryCluster({ clock })
    cluster.createTopic(topic('state', { 'cleanup.policy': 'compact' }))
    for (const value of ['1', '2', '3']) cluster.append('state', 0, bytes('key'), bytes(value), 0)
    cluster.compact('state')
    expect(cluster.log('state', 0).read(0, 100)?.offset(0)).toBe(2)
    expect(cluster.log('state', 0).read(0, 100)?.count).toBe(1)
  })

  test('records older than retention.ms go, by the clock; compacted topics keep theirs', () => {
    const cluster = new MemoryCluster({ clock })
    cluster.createTopic(topic('logs', { 'retention.ms': '60000' }))
    cluster.createTopic(topic('state', { 'retention.ms': '60000', 'cleanup.policy': 'compact' }))
    for (const name of ['logs', 'state']) {
      for (const ageMs of [61_000, 60_500, 59_000])
        cluster.append(name, 0, bytes('k'), bytes('v'), clock.nowMs() - ageMs)
    }
    cluster.applyRetention()
    expect([cluster.log('logs', 0).startOffset, cluster.log('state', 0).startOffset]).toEqual([2, 0])
    clock.advance(2_000)
    cluster.applyRetention()
    expect(cluster.log('logs', 0).startOffset).toBe(3)
  })

  test('a partition above retention.bytes loses its oldest segments', () => {
    const cluster = new MemoryCluster({ clock })
    cluster.createTopic(topic('logs', { 'retention.bytes': '50000' }))
    for (let index = 0; index < 2_000; index++) cluster.append('logs', 0, null, bytes('x'.repeat(100)), 0)
    cluster.applyRetention()
    expect(cluster.log('logs', 0).retainedBytes).toBeLessThanOrEqual(50_000)
  })
})

describe('a cluster', () => {
  test('stamps records itself where the topic says so', () => {
    const cluster = new MemoryCluster({ clock })
    cluster.createTopic(topic('logs', { 'message.timestamp.type': 'LogAppendTime' }))
    cluster.append('logs', 0, null, bytes('a'), 5)
    expect(cluster.log('logs', 0).read(0, 100)?.timestamp(0)).toBe(1_000_000)
  })

  test('forgets what groups committed in a topic that is deleted', async () => {
    const cluster = new MemoryCluster({ clock })
    cluster.createTopic(topic('logs'))
    await commitAt(cluster, 'group', 7)
    cluster.deleteTopic('logs')
    cluster.createTopic(topic('logs'))
    expect(await consumerOf(cluster, 'none').committed('group', [{ topic: 'logs', partition: 0 }])).toEqual([])
  })

  test('does not take a key-less record for a compacted topic', () => {
    const cluster = new MemoryCluster({ clock })
    cluster.createTopic(topic('state', { 'cleanup.policy': 'compact,delete' }))
    let code: string | undefined
    try {
      cluster.append('state', 0, null, bytes('a'), 0, noHeaders)
    } catch (error) {
      code = errorCode(error)
    }
    expect(code).toBe('INVALID_RECORD')
  })

  test('lets a reader wait for a topic that does not exist yet', async () => {
    const cluster = new MemoryCluster({ clock })
    const consumer = consumerOf(cluster, 'none')
    consumer.assign([{ topic: 'later', partition: 0, offset: 'earliest' }])
    const waiting = consumer.poll(1_000)
    cluster.createTopic(topic('later'))
    await Promise.resolve()
    cluster.append('later', 0, null, bytes('a'), 0)
    expect((await waiting)[0]?.count).toBe(1)
  })

  test('gives every partition its turn when a fetch is small', async () => {
    const cluster = new MemoryCluster({ clock })
    cluster.createTopic(topic('logs', {}, 3))
    for (const partition of [0, 1, 2]) {
      for (let index = 0; index < 100; index++) cluster.append('logs', partition, null, bytes('x'.repeat(1_000)), 0)
    }
    const consumer = createMemoryDriver(cluster).consumer({
      clientId: 'reader',
      isolationLevel: 'read_committed',
      offsetReset: () => 'none',
      fetchMinBytes: 1,
      fetchMaxBytes: 2_000,
      partitionFetchMaxBytes: 2_000,
      fetchMaxWaitMs: 100,
      bufferedBytesMax: 1_000_000,
    })
    consumer.assign([0, 1, 2].map((partition) => ({ topic: 'logs', partition, offset: 'earliest' as const })))
    const partitions: (number | undefined)[] = []
    for (let round = 0; round < 6; round++) partitions.push((await consumer.poll(0))[0]?.partition)
    expect(partitions).toEqual([0, 1, 2, 0, 1, 2])
  })
})
