import { describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../../../../src/core/clock.ts'
import { topologyHash } from '../../../../../../src/kafka/group-topics.ts'
import type {
  Admin,
  GroupEvent,
  GroupMemberOptions,
  GroupTopology,
  Rebalance,
  TaskId,
} from '../../../../../../src/kafka/port.ts'
import { ClassicGroupMember } from '../../../../../../src/kafka/wire/group/classic/classic-group-member.ts'
import type { Cluster, RequestOptions } from '../../../../../../src/kafka/wire/cluster/cluster.ts'
import {
  decodeMemberState,
  encodeMemberAssignment,
  type MemberAssignment,
} from '../../../../../../src/kafka/wire/group/classic/group-user-data.ts'
import type { Api } from '../../../../../../src/kafka/wire/protocol/api.ts'
import { encodeConsumerProtocolAssignment } from '../../../../../../src/kafka/wire/protocol/generated/consumer-protocol-assignment.ts'
import { Writer } from '../../../../../../src/kafka/wire/protocol/writer.ts'
import type { KeepaliveReport, KeptMember } from '../../../../../../src/kafka/wire/group/keepalive-messages.ts'
import { subscriptionUserData } from '../../../../../../src/kafka/wire/group/classic/embedded-protocol.ts'
import { noKeepalive } from '../../../../../support/no-keepalive.ts'
import { until } from '../../../../../support/until.ts'
import { subtopology } from '../../../subtopology.ts'
import { RecordingLogger } from '../../../../../support/recording-logger.ts'
import { plainPlacement } from '../../../../../../src/testing/kafka-driver/plain-placement.ts'

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
      warmup: [],
      rejoinAfterRevocation: false,
      errorCode: '',
      errorMessage: '',
      topologyHash: topologyHash(decidedFor),
      rebalance: undefined,
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

const unknownMember = 25

/** A coordinator whose answers a test writes; whoever joins is a follower. */
class Coordinator {
  readonly clock = new ManualClock()
  readonly logger = new RecordingLogger()
  readonly sent: Sent[] = []
  readonly closedLanes: string[] = []
  joins: (body: Record<string, unknown>) => unknown = () => this.joined()
  assignment: () => Uint8Array = () => assignmentFor(topology)
  /** What the heartbeat thread would know of the member, and what it reports. */
  kept: () => KeptMember | undefined = () => undefined
  report: (report: KeepaliveReport) => void = () => {}
  toldLast: KeptMember | undefined
  readonly keepalive = {
    ...noKeepalive,
    isReporting: false,
    tell: () => {
      this.toldLast = this.kept()
    },
    keep: (kept: () => KeptMember | undefined, report: (report: KeepaliveReport) => void) => {
      this.kept = kept
      this.report = report
      return () => {}
    },
  }
  /** The error code of the next heartbeat, and what happens while its answer is on the way. */
  beat = 0
  beforeBeat = () => {}

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

  member(more: Partial<GroupMemberOptions> = {}): {
    readonly member: ClassicGroupMember
    readonly told: GroupEvent[]
    readonly rebalances: Rebalance[]
  } {
    const told: GroupEvent[] = []
    const rebalances: Rebalance[] = []
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
      ...plainPlacement,
      applicationServer: undefined,
      onRebalance: (rebalance) => void rebalances.push(rebalance),
      ...more,
    }
    const member = new ClassicGroupMember(this.#cluster(), {} as Admin, this.keepalive, options)
    member.join(() => {
      const event = member.poll()
      if (event !== undefined && told.at(-1) !== event) told.push(event)
      if (event?.kind !== 'failed') member.acknowledge()
    })
    return { member, told, rebalances }
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
        if (api.name === 'Heartbeat') {
          const { beat } = this
          this.beat = 0
          this.beforeBeat()
          this.beforeBeat = () => {}
          return { errorCode: beat }
        }
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

  test('a static member whose instance id another process has taken fails for good', async () => {
    const coordinator = new Coordinator()
    const { told } = coordinator.member({ instanceId: 'pod-0' })
    await coordinator.pass(1_000)
    coordinator.beat = 82
    await coordinator.pass(5_000)
    expect(told.at(-1)).toMatchObject({ kind: 'failed', error: { code: 'FENCED_INSTANCE_ID', consequence: 'fatal' } })
  })

  test.each([
    [
      'a static member that was not part of a generation has lost its tasks',
      'pod-0',
      5,
      ['assigned', 'lost', 'assigned'],
    ],
    ['a static member that was part of each generation keeps its tasks', 'pod-0', 4, ['assigned']],
    ['a member that is not static would have been removed, so that it keeps its tasks', undefined, 5, ['assigned']],
  ])('%s', async (_what, instanceId, generationId, kinds) => {
    const coordinator = new Coordinator()
    const { member, told } = coordinator.member({ instanceId })
    await coordinator.pass(1_000)
    const before = member.metadata()
    coordinator.joins = () => coordinator.joined({ generationId })
    coordinator.beat = 27
    await coordinator.pass(8_000)
    expect(told.map(({ kind }) => kind)).toEqual(kinds)
    expect(before.generation).toBe(kinds.includes('lost') ? 3 : generationId)
    expect(member.metadata().generation).toBe(generationId)
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

  describe('hears why the group rebalances', () => {
    const rebalanceInProgress = 27

    test('it has joined itself, also where the join has to be repeated', async () => {
      const coordinator = new Coordinator()
      coordinator.joins = () => (coordinator.of('JoinGroup').length < 3 ? { errorCode: 16 } : coordinator.joined())
      const { rebalances } = coordinator.member()
      await coordinator.pass(2_000)
      expect(rebalances.map(({ cause }) => cause)).toEqual(['member-joined'])
    })

    /** What it hears behind its first join, where a heartbeat has this answer. */
    async function heard(beat: number, rebalance?: Rebalance): Promise<readonly Rebalance[]> {
      const coordinator = new Coordinator()
      const { rebalances } = coordinator.member()
      await coordinator.pass(1_000)
      coordinator.assignment = () => assignmentFor(topology, { rebalance })
      coordinator.beat = beat
      await coordinator.pass(5_000)
      return rebalances.slice(1)
    }

    test('others know the cause: the leader passes it on', async () => {
      const rebalance: Rebalance = { cause: 'member-left', detail: 'thread-2' }
      expect(await heard(rebalanceInProgress, rebalance)).toEqual([rebalance])
    })

    test('an older leader does not say it', async () => {
      expect(await heard(rebalanceInProgress)).toEqual([{ cause: 'unknown', detail: '' }])
    })

    test('it was removed by the group', async () => {
      expect(await heard(unknownMember)).toEqual([{ cause: 'member-fenced', detail: 'after UNKNOWN_MEMBER_ID' }])
    })

    test('it has given back what others wait for', async () => {
      const coordinator = new Coordinator()
      coordinator.assignment = () =>
        assignmentFor(topology, { rejoinAfterRevocation: coordinator.of('JoinGroup').length === 1 })
      const { rebalances } = coordinator.member()
      await coordinator.pass(2_000)
      expect(rebalances.map(({ cause }) => cause)).toEqual(['member-joined', 'tasks-given-back'])
    })

    test('the state of a task is complete', async () => {
      const coordinator = new Coordinator()
      coordinator.assignment = () => assignmentFor(topology, { active: [], standby: [task], warmup: [task] })
      const { rebalances } = coordinator.member({ taskLags: () => new Map([['0_0', 5]]) })
      await coordinator.pass(4_000)
      expect(rebalances.map(({ cause }) => cause)).toEqual(['member-joined', 'state-caught-up'])
    })
  })

  describe('whose event loop was blocked', () => {
    const illegalGeneration = 22
    const rejoined = (assignment: Uint8Array, hasLed = false) => ({
      heldMs: 9_000,
      heartbeats: 3,
      failure: undefined,
      rejoined: [{ memberId: 'member-1', generation: 7, assignment, hasLed }],
      joining: [],
    })

    test('lets the heartbeat thread join with its tasks once it has them', async () => {
      const coordinator = new Coordinator()
      coordinator.member()
      expect(coordinator.kept()).toBeUndefined()
      await coordinator.pass(400)
      // Without waiting for the news that are sent from time to time.
      const { subscription, options } = coordinator.toldLast?.join ?? {}
      const state = subscription && decodeMemberState(subscriptionUserData(subscription))
      expect(state).toMatchObject({ processId: 'process', generation: 3, active: [task], cause: '' })
      expect(structuredClone(options)).toEqual(options)
    })

    test('does not let it join while tasks are to be given back', async () => {
      const coordinator = new Coordinator()
      const { member } = coordinator.member()
      await coordinator.pass(400)
      coordinator.assignment = () => assignmentFor(topology, { active: [] })
      coordinator.beat = 27
      member.acknowledge = () => {}
      await coordinator.pass(4_000)
      expect(coordinator.kept()).toMatchObject({ join: undefined })
    })

    test('continues in the generation that the thread has joined, with the tasks that came meanwhile', async () => {
      const coordinator = new Coordinator()
      const { member, told } = coordinator.member()
      await coordinator.pass(400)
      const other: TaskId = { subtopology: 0, partition: 1 }
      coordinator.report(rejoined(assignmentFor(topology, { active: [task, other] })))
      expect(member.metadata().generation).toBe(7)
      await coordinator.pass(4_000)
      expect(told.slice(1)).toEqual([{ kind: 'assigned', active: [other], standby: [] }])
      expect(coordinator.of('Heartbeat').at(-1)?.body).toMatchObject({ generationId: 7 })
      expect(coordinator.of('JoinGroup')).toHaveLength(1)
    })

    test('joins again itself where the thread has led the group, which it is to watch', async () => {
      const coordinator = new Coordinator()
      coordinator.member()
      await coordinator.pass(400)
      coordinator.report(rejoined(assignmentFor(topology), true))
      await coordinator.pass(1_000)
      expect(coordinator.of('JoinGroup')).toHaveLength(2)
    })

    test('is not fenced by an answer to its old generation before it has heard of the new one', async () => {
      const coordinator = new Coordinator()
      const { member, told } = coordinator.member()
      await coordinator.pass(400)
      coordinator.keepalive.isReporting = true
      expect(member.metadata().isRejoining).toBe(true)
      coordinator.beat = illegalGeneration
      await coordinator.pass(4_000)
      expect(coordinator.of('Heartbeat').length).toBeGreaterThan(0)
      coordinator.keepalive.isReporting = false
      coordinator.report(rejoined(assignmentFor(topology)))
      await coordinator.pass(4_000)
      expect(told.map(({ kind }) => kind)).toEqual(['assigned'])
    })

    test('begins nothing that the thread has joined for it when it is fenced before', async () => {
      const coordinator = new Coordinator()
      const { told } = coordinator.member()
      await coordinator.pass(400)
      const other: TaskId = { subtopology: 0, partition: 1 }
      coordinator.beat = unknownMember
      coordinator.beforeBeat = () => coordinator.report(rejoined(assignmentFor(topology, { active: [task, other] })))
      await coordinator.pass(8_000)
      expect(coordinator.of('JoinGroup')).toHaveLength(2)
      expect(told.map(({ kind }) => kind)).toEqual(['assigned', 'lost', 'assigned'])
      expect(told.at(-1)).toMatchObject({ active: [task] })
    })

    test('joins again where the join of the thread was not finished', async () => {
      const coordinator = new Coordinator()
      const { member } = coordinator.member()
      await coordinator.pass(400)
      coordinator.report({ heldMs: 9_000, heartbeats: 3, failure: undefined, rejoined: [], joining: ['member-1'] })
      expect(member.metadata().isRejoining).toBe(true)
      await coordinator.pass(1_000)
      expect(coordinator.of('JoinGroup')).toHaveLength(2)
      expect(member.metadata().isRejoining).toBe(false)
    })
  })
})
