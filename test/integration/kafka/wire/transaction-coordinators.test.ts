import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { findCoordinatorApi } from '../../../../src/kafka/wire/protocol/generated/find-coordinator.ts'
import { type KafkaCluster, startKafka } from '../../../support/kafka-cluster.ts'
import { requireServer } from '../../../support/require-server.ts'
import { OpenClusters, uniqueName, until } from './brokers.ts'
import { numbered } from './rig.ts'
import { TestMember, topologyOf } from './test-member.ts'
import { nobodyOf, offsetOf, send, TransactionRig } from './transaction-rig.ts'

const waitMs = 60_000

requireServer('kafka').describe('three brokers that coordinate transactions and groups', () => {
  const clusters = new OpenClusters()
  let kafka: KafkaCluster
  let rig: TransactionRig
  let members: TestMember[] = []

  beforeAll(async () => {
    kafka = await startKafka({ nodes: 3 })
    rig = new TransactionRig(kafka.bootstrap, { requestTimeoutMs: 3_000 })
  })

  afterEach(async () => {
    await Promise.all(members.map((member) => member.leave()))
    members = []
  })

  afterAll(async () => {
    clusters.closeAll()
    await rig?.close()
    await kafka?.stop()
  })

  async function coordinatorOf(keyType: 0 | 1, key: string): Promise<number> {
    const cluster = clusters.open(kafka.bootstrap)
    const { coordinators } = await cluster.requestAny(findCoordinatorApi, { keyType, coordinatorKeys: [key] })
    return coordinators[0]!.nodeId
  }

  test('a transaction is committed although its coordinator dies in it, and once more when it dies at the end', async () => {
    const topic = await rig.topic(3)
    const group = nobodyOf(`g-${topic}`)
    const transactionalId = rig.transactionalId()
    const producer = await rig.transactions([topic], { transactionalId, batchBytes: 500 })
    let sent = 0
    const sendSome = (): void => {
      for (const partition of [0, 1, 2]) send(producer, topic, numbered(50, sent), partition)
      sent += 50
    }
    sendSome()
    await producer.commit(offsetOf(topic, 1), group, waitMs)
    sendSome()
    await producer.flush(waitMs)
    const first = await coordinatorOf(1, transactionalId)
    await kafka.kill(first)
    sendSome()
    await producer.commit(offsetOf(topic, 2), group, waitMs)
    await kafka.restart(first)
    const second = await coordinatorOf(1, transactionalId)
    sendSome()
    await producer.flush(waitMs)
    const [commit] = await Promise.allSettled([producer.commit(offsetOf(topic, 3), group, waitMs), kafka.kill(second)])
    expect(commit).toEqual({ status: 'fulfilled', value: undefined })
    await kafka.restart(second)
    expect(await rig.values(topic, 3)).toEqual([numbered(sent), numbered(sent), numbered(sent)])
    expect(await rig.committed(group.groupId, topic)).toBe(3)
    await producer.close(waitMs)
  })

  test('offsets are committed although the coordinator of the group dies', async () => {
    const topic = await rig.topic(1)
    const group = nobodyOf(`g-${topic}`)
    const producer = await rig.transactions([topic])
    send(producer, topic, ['a'])
    await producer.commit(offsetOf(topic, 1), group, waitMs)
    const victim = await coordinatorOf(0, group.groupId)
    send(producer, topic, ['b'])
    await producer.flush(waitMs)
    await kafka.kill(victim)
    await producer.commit(offsetOf(topic, 2), group, waitMs)
    await kafka.restart(victim)
    expect(await rig.values(topic)).toEqual([['a', 'b']])
    expect(await rig.committed(group.groupId, topic)).toBe(2)
    await producer.close(waitMs)
  })

  test('commits of a live member continue during rebalances, and are fenced after it lost its tasks', async () => {
    const topic = await rig.topic(4)
    const [topology, groupId] = [topologyOf([topic]), uniqueName('group')]
    const join = (name: string): TestMember => {
      const member = new TestMember(clusters.open(kafka.bootstrap), name, groupId, topology, {
        rebalanceTimeoutMs: 5000,
      })
      members.push(member.start())
      return member
    }
    const settled = () => members.reduce((sum, { active }) => sum + active.size, 0) === 4
    const first = join('a')
    await until('all tasks run', settled)
    const metadata = first.member.metadata()
    const producer = await rig.transactions([topic])
    let commits = 0
    let isOver = false
    const committing = (async () => {
      while (!isOver) {
        send(producer, topic, [`v${commits}`])
        await producer.commit(offsetOf(topic, commits + 1), metadata, waitMs)
        commits++
      }
    })()
    for (const name of ['b', 'c', 'd']) {
      const before = commits
      join(name)
      await until(`all tasks run with ${name}`, () => settled() && commits >= before + 3)
    }
    isOver = true
    await committing
    expect(await rig.values(topic, 4)).toEqual([numbered(commits), [], [], []])
    expect(await rig.committed(groupId, topic)).toBe(commits)
    first.hang()
    await until('the others have all', () => members.slice(1).reduce((sum, { active }) => sum + active.size, 0) === 4)
    send(producer, topic, ['late'])
    await expect(producer.commit(offsetOf(topic, 99), metadata, waitMs)).rejects.toMatchObject({
      code: 'GROUP_FENCED',
      consequence: 'task-migrated',
    })
    expect(producer.isInTransaction).toBe(true)
    await producer.abort(waitMs)
    expect(await rig.values(topic, 4)).toEqual([numbered(commits), [], [], []])
    await producer.close(waitMs)
  })
})
