import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { GroupMemberOptions, GroupTopology } from '../../../../src/kafka/port.ts'
import { type KafkaCluster, sharedKafka } from '../../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../../support/kafkajs-peer.ts'
import { requireServer } from '../../../support/require-server.ts'
import { OpenClusters, pause, uniqueName, until } from './brokers.ts'
import { runningTasks, TestMember, topologyOf } from './test-member.ts'

const tasks = ['0_0', '0_1', '0_2', '0_3']
const lags = (lag: number) => new Map(tasks.map((task): [string, number] => [task, lag]))

requireServer('kafka').describe('a classic group whose tasks have much state', () => {
  let kafka: Pick<KafkaCluster, 'bootstrap' | 'stop'>
  let peer: KafkajsPeer
  const clusters = new OpenClusters()
  let members: TestMember[] = []

  beforeAll(async () => {
    kafka = await sharedKafka()
    peer = await KafkajsPeer.connect(kafka.bootstrap)
  })
  afterEach(async () => {
    await Promise.all(members.map((member) => member.leave()))
    members = []
    clusters.closeAll()
  })
  afterAll(async () => {
    await peer?.close()
    await kafka?.stop()
  })

  /** The member that has all tasks, and the group whose changelogs hold 20 records for each. */
  async function owner(
    more: Partial<GroupMemberOptions> = {},
  ): Promise<{ groupId: string; topology: GroupTopology; first: TestMember }> {
    const [input, changelog, groupId] = [uniqueName('state-input'), uniqueName('state-changelog'), uniqueName('group')]
    await peer.createTopics({ [input]: tasks.length, [changelog]: tasks.length })
    const records = tasks.flatMap((_, partition) =>
      Array.from({ length: 20 }, (_each, index) => ({ partition, key: `k${index}`, value: 'v' })),
    )
    await peer.send(changelog, records)
    const topology = topologyOf([input], changelog)
    const first = join('a', groupId, topology, { taskLags: () => lags(0), ...more })
    await until('it has all tasks', () => first.active.size === tasks.length)
    return { groupId, topology, first }
  }

  function join(name: string, groupId: string, topology: GroupTopology, more: Partial<GroupMemberOptions>): TestMember {
    const options = { acceptableRecoveryLag: 5, ...more }
    const member = new TestMember(clusters.open(kafka.bootstrap), name, groupId, topology, options).start()
    members.push(member)
    return member
  }

  const areShared = () =>
    members.every(({ active }) => active.size === 2) && runningTasks(members).join() === tasks.join()

  test('leaves them with the member that is caught up, and moves them when the new one says that it is too', async () => {
    const { groupId, topology, first } = await owner()
    let reported = new Map<string, number>()
    const second = join('b', groupId, topology, { taskLags: () => reported })
    await until('two tasks warm up', () => second.standby.size === 2)
    expect([first.active.size, second.active.size]).toEqual([4, 0])
    await pause(1000)
    expect([first.active.size, second.standby.size]).toEqual([4, 2])
    reported = new Map([...second.standby].map((task) => [task, 5]))
    await until('the tasks are shared', areShared)
    expect(first.told.filter(({ kind }) => kind === 'revoked')).toHaveLength(1)
  })

  test('looks again after the probing interval', async () => {
    const { groupId, topology } = await owner({ probingRebalanceIntervalMs: 1500 })
    let known = new Map<string, number>()
    const second = join('b', groupId, topology, { taskPositions: () => known })
    await until('two tasks warm up', () => second.standby.size === 2)
    // Of directories that are not open: nobody but the leader knows what they lack.
    known = lags(15)
    const sinceMs = performance.now()
    await until('the tasks are shared', areShared)
    expect(performance.now() - sinceMs).toBeGreaterThan(500)
  })

  test('gives tasks back at once to a member whose directories are close to the end of the changelogs', async () => {
    const { groupId, topology } = await owner()
    const second = join('b', groupId, topology, {
      taskPositions: () =>
        new Map([
          ['0_3', 16],
          ['0_1', 15],
        ]),
    })
    await until('the tasks are shared', areShared)
    expect([...second.active].sort()).toEqual(['0_1', '0_3'])
    expect(second.told.map(({ kind }) => kind)).toEqual(['assigned'])
  })
})
