import { describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../../../../src/core/clock.ts'
import { topologyHash } from '../../../../../../src/kafka/group-topics.ts'
import type { Admin, GroupEvent, GroupMemberOptions, GroupTopology, TaskId } from '../../../../../../src/kafka/port.ts'
import { ClassicGroupMember } from '../../../../../../src/kafka/wire/group/classic/classic-group-member.ts'
import type { Cluster, RequestOptions } from '../../../../../../src/kafka/wire/cluster/cluster.ts'
import {
  encodeMemberAssignment,
  type MemberAssignment,
} from '../../../../../../src/kafka/wire/group/classic/group-user-data.ts'
import type { Api } from '../../../../../../src/kafka/wire/protocol/api.ts'
import { encodeConsumerProtocolAssignment } from '../../../../../../src/kafka/wire/protocol/generated/consumer-protocol-assignment.ts'
import { Writer } from '../../../../../../src/kafka/wire/protocol/writer.ts'
import { noKeepalive } from '../../../../../support/no-keepalive.ts'
import { until } from '../../../../../support/until.ts'
import { subtopology } from '../../../subtopology.ts'
import { RecordingLogger } from '../../../../../support/recording-logger.ts'

const topologyOf = (...sourceTopics: readonly string[]): GroupTopology => ({
  subtopologies: [subtopology(0, { sourceTopics })],
})

const topology = topologyOf('in', 'added')
const task: TaskId = { subtopology: 0, partition: 0 }

function assignmentFor(decidedFor: GroupTopology, more: Partial<MemberAssignment> = {}): Uint8Array {
  const writer = new Writer()
  writer.int16(3)
  encodeConsumerProtocolAssignment(writer, 3, {
    assignedPartitions: [],
    userData: encodeMemberAssignment({
      active: [task],
      standby: [],
      rejoinAfterRevocation: false,
      errorCode: '',
      errorMessage: '',
      topologyHash: topologyHash(decidedFor),
      ...more,
    }),
  })
  return writer.finish()
}

interface Sent {
  readonly name: string
  readonly lane: string | undefined
  readonly body: Record<string, unknown>
}

/** A coordinator whose answers a test writes; whoever joins is a follower. */
class Coordinator {
  readonly clock = new ManualClock()
  readonly logger = new RecordingLogger()
  readonly sent: Sent[] = []
  readonly closedLanes: string[] = []
  joins: (body: Record<string, unknown>) => unknown = () => this.joined()
  assignment: () => Uint8Array = () => assignmentFor(topology)

  joined = (more: Record<string, unknown> = {}) => ({
    errorCode: 0,
    generationId: 3,
    memberId: 'member-1',
    leader: 'another',
    skipAssignment: false,
    members: [],
    ...more,
  })

  of(name: string): readonly Sent[] {
    return this.sent.filter((each) => each.name === name)
  }

  member(more: Partial<GroupMemberOptions> = {}): { readonly member: ClassicGroupMember; readonly told: GroupEvent[] } {
    const told: GroupEvent[] = []
    const options: GroupMemberOptions = {
      clientId: 'client',
      groupId: 'group',
      instanceId: undefined,
      processId: 'process',
      protocol: 'classic',
      topology,
      sessionTimeoutMs: 10_000,
      heartbeatIntervalMs: 3_000,
      rebalanceTimeoutMs: 60_000,
      standbyReplicas: 0,
      applicationServer: undefined,
      taskLags: () => new Map(),
      ...more,
    }
    const member = new ClassicGroupMember(this.#cluster(), {} as Admin, noKeepalive, options)
    member.join(() => {
      const event = member.poll()
      if (event !== undefined && told.at(-1) !== event) told.push(event)
      if (event?.kind !== 'failed') member.acknowledge()
    })
    return { member, told }
  }

  /** Lets time pass in steps, with everything that becomes due in between. */
  async pass(forMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < forMs; passedMs += 200) {
      this.clock.advance(200)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  #cluster(): Cluster {
    const { clock, logger } = this
    const config = { clock, logger, retryBackoff: { initialMs: 100, maxMs: 1000 }, requestTimeoutMs: 30_000 }
    const cluster = {
      config,
      coordinators: { find: async () => 1, forget: () => {} },
      closeLane: (lane: string) => void this.closedLanes.push(lane),
      onMetadata: () => () => {},
      request: async (
        _node: number,
        api: Api<unknown, unknown>,
        body: Record<string, unknown>,
        how: RequestOptions,
      ) => {
        this.sent.push({ name: api.name, lane: how.lane, body })
        if (api.name === 'JoinGroup') return this.joins(body)
        if (api.name === 'SyncGroup') return { errorCode: 0, assignment: this.assignment() }
        return { errorCode: 0, members: [{ errorCode: 0 }] }
      },
    }
    return cluster as unknown as Cluster
  }
}

describe('a member of a classic group', () => {
  test('a static member that is handed the assignment of another topology joins again under its member id', async () => {
    const coordinator = new Coordinator()
    coordinator.assignment = () => assignmentFor(coordinator.of('JoinGroup').length < 2 ? topologyOf('in') : topology)
    const { told } = coordinator.member({ instanceId: 'pod-0' })
    await coordinator.pass(1_000)
    expect(told).toEqual([{ kind: 'assigned', active: [task], standby: [] }])
    const joins = coordinator.of('JoinGroup').map(({ body }) => body)
    expect(joins.map((body) => body['memberId'])).toEqual(['', 'member-1'])
    const [first, second] = joins.map((body) => JSON.stringify(body['protocols']))
    expect(second).not.toBe(first)
  })

  test('an error that was decided for another topology does not fail a static member', async () => {
    const coordinator = new Coordinator()
    const refused = { active: [], errorCode: 'INCONSISTENT_GROUP_PROTOCOL', errorMessage: 'another topology' }
    coordinator.assignment = () =>
      coordinator.of('JoinGroup').length < 2 ? assignmentFor(topologyOf('in'), refused) : assignmentFor(topology)
    const { told } = coordinator.member({ instanceId: 'pod-0' })
    await coordinator.pass(1_000)
    expect(told.map(({ kind }) => kind)).toEqual(['assigned'])
  })

  test('a refusal of this topology fails immediately, instead of joining without end', async () => {
    const coordinator = new Coordinator()
    const refused = { active: [], errorCode: 'INCONSISTENT_GROUP_PROTOCOL', errorMessage: 'another topology' }
    coordinator.assignment = () => assignmentFor(topology, refused)
    const { told } = coordinator.member()
    await coordinator.pass(1_000)
    expect(told.map(({ kind }) => kind)).toEqual(['failed'])
    expect(coordinator.of('JoinGroup')).toHaveLength(1)
  })

  test('a member that leaves does not wait for a join in flight', async () => {
    const coordinator = new Coordinator()
    const { member } = coordinator.member()
    await coordinator.pass(200)
    await member.leave(1_000, { permanently: true })
    const [join] = coordinator.of('JoinGroup')
    const [leave] = coordinator.of('LeaveGroup')
    expect(leave!.lane).not.toBe(join!.lane)
    expect(coordinator.closedLanes).toEqual([join!.lane])
  })

  test('a member id that comes after the member left is given back and not joined with', async () => {
    const coordinator = new Coordinator()
    let answer: (response: unknown) => void = () => {}
    coordinator.joins = () => new Promise((resolve) => (answer = resolve))
    const { member } = coordinator.member()
    await coordinator.pass(200)
    await member.leave(1_000, { permanently: true })
    answer({ ...coordinator.joined(), errorCode: 79 })
    await until(() => coordinator.of('LeaveGroup').length === 1, 5_000, 'the id to be given back')
    expect(coordinator.of('JoinGroup')).toHaveLength(1)
  })

  test('joins that meet one rebalance after the other keep a growing distance', async () => {
    const coordinator = new Coordinator()
    coordinator.joins = () => new Promise((resolve) => setImmediate(() => resolve({ errorCode: 27 })))
    coordinator.member()
    await coordinator.pass(8_000)
    expect(coordinator.of('JoinGroup').length).toBeGreaterThan(3)
    expect(coordinator.of('JoinGroup').length).toBeLessThan(16)
  })

  test('the member waits for the session of another client in the group, and logs the wait', async () => {
    const coordinator = new Coordinator()
    coordinator.joins = () => (coordinator.clock.nowMs() < 45_000 ? { errorCode: 23 } : coordinator.joined())
    const { told } = coordinator.member()
    await coordinator.pass(47_000)
    expect(told.map(({ kind }) => kind)).toEqual(['assigned'])
    const lines = coordinator.logger.at('warn').map(({ message }) => message)
    expect(lines).toHaveLength(3)
    expect(lines[0]).toContain('close Java with LEAVE_GROUP')
  })

  test('a group that always runs another client is reported after rebalanceTimeoutMs', async () => {
    const coordinator = new Coordinator()
    coordinator.joins = () => ({ errorCode: 23 })
    const { told } = coordinator.member()
    await coordinator.pass(62_000)
    expect(told).toMatchObject([
      { kind: 'failed', error: { code: 'INCONSISTENT_GROUP_PROTOCOL', consequence: 'fatal' } },
    ])
  })
})
