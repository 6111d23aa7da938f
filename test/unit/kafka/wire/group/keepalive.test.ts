import { pathToFileURL } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../../../src/core/clock.ts'
import type { Cluster } from '../../../../../src/kafka/wire/cluster/cluster.ts'
import { compileClusterOptions } from '../../../../../src/kafka/wire/connection/cluster-options.ts'
import { errorCodes } from '../../../../../src/kafka/wire/connection/protocol-errors.ts'
import type { Admin } from '../../../../../src/kafka/port.ts'
import { actAsMember } from '../../../../../src/kafka/wire/group/act-as-member.ts'
import { Keepalive } from '../../../../../src/kafka/wire/group/keepalive.ts'
import type { KeepaliveReport, KeptMember } from '../../../../../src/kafka/wire/group/keepalive-messages.ts'
import { KeepaliveWatch } from '../../../../../src/kafka/wire/group/keepalive-watch.ts'
import type { Api } from '../../../../../src/kafka/wire/protocol/api.ts'
import { plainPlacement } from '../../../../../src/testing/kafka-driver/plain-placement.ts'
import { subtopology } from '../../subtopology.ts'
import { RecordingLogger } from '../../../../support/recording-logger.ts'
import { until } from '../../../../support/until.ts'

const member: KeptMember = {
  memberId: 'member-1',
  generation: 3,
  clientId: 'client',
  groupId: 'group',
  instanceId: undefined,
  sessionTimeoutMs: 6_000,
  heartbeatIntervalMs: 2_000,
  rebalanceTimeoutMs: 60_000,
}

interface Sent {
  readonly atMs: number
  readonly name: string
  readonly body: Record<string, unknown>
}

/** An event loop that tells of its members until it is held, with a coordinator whose answers a test writes. */
class Loop {
  readonly clock = new ManualClock()
  readonly sent: Sent[] = []
  readonly reports: KeepaliveReport[] = []
  errorCode: (body: Record<string, unknown>) => number = () => 0
  /** In place of one with an error code only. */
  answer: (body: Record<string, unknown>) => Promise<object> | undefined = () => undefined
  forgotten = 0
  opened = 0
  closed = 0
  readonly #watch = new KeepaliveWatch(
    this.clock,
    () => this.#cluster(),
    actAsMember(() => ({}) as Admin),
    (report) => this.reports.push(report),
  )

  tell(...members: readonly KeptMember[]): void {
    this.#watch.told({ members, token: '', isLate: false })
  }

  /** As the event loop says it after a silence. */
  async tellLate(...members: readonly KeptMember[]): Promise<void> {
    this.#watch.told({ members, token: '', isLate: true })
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** Until what the thread has to say of it is there. */
  async runsAgain(...members: readonly KeptMember[]): Promise<void> {
    this.tell(...members)
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** Lets time pass in steps, with everything that becomes due in between. */
  async holdFor(forMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < forMs; passedMs += 100) {
      this.clock.advance(100)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  of(name: string): readonly Sent[] {
    return this.sent.filter((each) => each.name === name)
  }

  #cluster(): Cluster {
    this.opened++
    const cluster = {
      config: { clock: this.clock, retryBackoff: { initialMs: 100, maxMs: 1000 } },
      coordinators: { find: async () => 1, forget: () => void this.forgotten++ },
      close: () => void this.closed++,
      request: async (_node: number, api: Api<unknown, unknown>, body: Record<string, unknown>) => {
        this.sent.push({ atMs: this.clock.nowMs(), name: api.name, body })
        const answer = this.answer(body)
        if (answer !== undefined) return answer
        return { errorCode: this.errorCode(body), members: [{ errorCode: 0 }] }
      },
    }
    return cluster as unknown as Cluster
  }
}

describe('the heartbeats of a held event loop', () => {
  test('are sent by the thread from half an interval of silence on, until the loop is heard again', async () => {
    const loop = new Loop()
    loop.tell(member)
    await loop.holdFor(900)
    loop.tell(member)
    await loop.holdFor(900)
    expect(loop.sent).toEqual([])
    await loop.holdFor(6_000)
    expect(loop.of('Heartbeat').map(({ atMs }) => atMs)).toEqual([1_900, 3_900, 5_900])
    expect(loop.sent[0]?.body).toMatchObject({ groupId: 'group', memberId: 'member-1', generationId: 3 })
    loop.tell(member)
    await loop.holdFor(900)
    expect(loop.sent).toHaveLength(3)
    expect(loop.reports).toEqual([{ heldMs: 6_900, heartbeats: 3, failure: undefined, rejoined: [], joining: [] }])
    expect([loop.opened, loop.closed]).toEqual([1, 1])
  })

  test('are not sent for members that have left', async () => {
    const loop = new Loop()
    loop.tell(member)
    loop.tell()
    await loop.holdFor(10_000)
    expect(loop.opened).toBe(0)
  })

  test('heartbeats continue while the group rebalances and waits for the member', async () => {
    const loop = new Loop()
    loop.errorCode = () => errorCodes.rebalanceInProgress
    loop.tell(member)
    await loop.holdFor(10_000)
    expect(loop.of('Heartbeat')).toHaveLength(5)
  })

  test('are of the next generation when that began with an answer that the loop has not read', async () => {
    const loop = new Loop()
    loop.errorCode = (body) => (body['generationId'] === 4 ? 0 : errorCodes.illegalGeneration)
    loop.tell(member)
    await loop.holdFor(6_000)
    expect(loop.of('Heartbeat').map(({ body }) => body['generationId'])).toEqual([3, 4, 4, 4])
  })

  test.each([
    ['is not known to the group', errorCodes.unknownMemberId],
    ['is of another generation altogether', errorCodes.illegalGeneration],
    ['was replaced', errorCodes.fencedInstanceId],
  ])('end for a member that %s', async (_, errorCode) => {
    const loop = new Loop()
    loop.errorCode = () => errorCode
    loop.tell(member, { ...member, memberId: 'member-2' })
    await loop.holdFor(20_000)
    const perMember = errorCode === errorCodes.illegalGeneration ? 2 : 1
    expect(loop.of('Heartbeat')).toHaveLength(2 * perMember)
    await loop.runsAgain(member)
    expect(loop.reports).toMatchObject([{ heartbeats: 0, failure: expect.stringContaining('heartbeat of group') }])
  })

  test('find another coordinator when theirs does not answer, well within the session', async () => {
    const loop = new Loop()
    loop.errorCode = () => (loop.of('Heartbeat').length < 3 ? errorCodes.coordinatorLoadInProgress : 0)
    loop.tell(member)
    await loop.holdFor(2_000)
    expect(loop.of('Heartbeat')).toHaveLength(3)
    expect(loop.forgotten).toBe(2)
  })

  test('end after rebalanceTimeoutMs, and the member leaves, as one that does not poll', async () => {
    const loop = new Loop()
    loop.tell(member)
    await loop.holdFor(70_000)
    expect(loop.of('Heartbeat')).toHaveLength(30)
    expect(loop.of('LeaveGroup').map(({ atMs }) => atMs)).toEqual([60_000])
    expect(loop.of('LeaveGroup')[0]?.body).toMatchObject({ members: [{ memberId: 'member-1' }] })
  })

  test('end after rebalanceTimeoutMs for a static member too, which does not leave', async () => {
    const loop = new Loop()
    loop.tell({ ...member, instanceId: 'pod-0' })
    await loop.holdFor(70_000)
    expect(loop.of('Heartbeat')).toHaveLength(30)
    expect(loop.of('LeaveGroup')).toHaveLength(0)
  })
})

describe('a held event loop in a classic group that rebalances', () => {
  const topology = { subtopologies: [subtopology(0, { sourceTopics: ['in'] })] }
  const { taskLags: _lags, taskPositions: _positions, onRebalance: _told, ...placement } = plainPlacement
  const { heartbeatIntervalMs, rebalanceTimeoutMs, sessionTimeoutMs } = member
  const times = { heartbeatIntervalMs, rebalanceTimeoutMs, sessionTimeoutMs }
  const about = { clientId: 'client', groupId: 'group', instanceId: undefined, processId: 'p', topology, ...times }
  const subscription = Buffer.from('tasks')
  const options = { ...about, ...placement, protocol: 'classic' as const, applicationServer: undefined }
  const joining: KeptMember = { ...member, join: { subscription, options } }

  /** The group asks for one join; it ends at once, with this leader. */
  function rebalancing(loop: Loop, more: Record<string, unknown> = {}): void {
    loop.answer = async (body) => {
      if ('protocols' in body) return { errorCode: 0, memberId: 'member-1', generationId: 8, leader: 'other', ...more }
      if ('assignments' in body) return { errorCode: 0, assignment: Buffer.from('assigned') }
      return { errorCode: body['generationId'] === 8 ? 0 : errorCodes.rebalanceInProgress }
    }
  }

  test('joins again with what it had, and is a member of the next generation', async () => {
    const loop = new Loop()
    rebalancing(loop)
    loop.tell(joining)
    await loop.holdFor(6_000)
    const [join] = loop.of('JoinGroup')
    expect(join?.body).toMatchObject({ memberId: 'member-1', protocols: [{ metadata: subscription }] })
    expect(loop.of('SyncGroup').map(({ body }) => body['generationId'])).toEqual([8])
    expect(loop.of('Heartbeat').map(({ body }) => body['generationId'])).toEqual([3, 8, 8])
    await loop.tellLate(joining)
    const rejoined = { memberId: 'member-1', generation: 8, assignment: Buffer.from('assigned'), hasLed: false }
    expect(loop.reports).toMatchObject([{ rejoined: [rejoined], joining: [] }])
  })

  test('does not continue for a static member that was not part of a generation, whose loop is to join itself', async () => {
    const loop = new Loop()
    rebalancing(loop)
    const held = { ...joining, instanceId: 'pod-0' }
    loop.tell(held)
    await loop.holdFor(6_000)
    expect([loop.of('JoinGroup').length, loop.of('Heartbeat').length]).toEqual([1, 1])
    await loop.tellLate(held)
    expect(loop.reports).toMatchObject([{ rejoined: [], joining: ['member-1'], failure: expect.any(String) }])
  })

  test('a join that meets another rebalance is sent again', async () => {
    const loop = new Loop()
    rebalancing(loop)
    const { answer } = loop
    loop.answer = (body) =>
      'assignments' in body && loop.of('SyncGroup').length === 1
        ? Promise.resolve({ errorCode: errorCodes.rebalanceInProgress })
        : answer(body)
    loop.tell(joining)
    await loop.holdFor(3_000)
    expect([loop.of('JoinGroup').length, loop.of('SyncGroup').length]).toEqual([2, 2])
  })

  test('a join that others keep waiting is reported, so that the loop joins itself', async () => {
    const loop = new Loop()
    rebalancing(loop)
    const { answer } = loop
    loop.answer = (body) => ('protocols' in body ? new Promise(() => {}) : answer(body))
    loop.tell(joining)
    await loop.holdFor(3_000)
    await loop.tellLate(joining)
    await loop.holdFor(1_100)
    expect(loop.reports).toMatchObject([{ rejoined: [], joining: ['member-1'] }])
  })

  test('a silence in which nothing was to be done is reported too', async () => {
    const loop = new Loop()
    loop.tell(joining)
    await loop.tellLate(joining)
    expect(loop.reports).toEqual([{ heldMs: 0, heartbeats: 0, failure: undefined, rejoined: [], joining: [] }])
  })
})

describe('the heartbeats of a held event loop in a streams group', () => {
  const streamsMember: KeptMember = {
    ...member,
    tasks: { active: [{ subtopology: 0, partition: 2 }], standby: [{ subtopology: 1, partition: 0 }] },
  }

  test('say what the member has, and follow the epoch that the group answers', async () => {
    const loop = new Loop()
    loop.answer = async (body) => ({ errorCode: 0, memberEpoch: Number(body['memberEpoch']) + 1 })
    loop.tell(streamsMember)
    await loop.holdFor(6_000)
    const beats = loop.of('StreamsGroupHeartbeat')
    expect(beats.map(({ body }) => body['memberEpoch'])).toEqual([3, 4, 5])
    expect(beats[2]?.body).toMatchObject({
      memberId: 'member-1',
      activeTasks: [{ subtopologyId: '0', partitions: [2] }],
      standbyTasks: [{ subtopologyId: '1', partitions: [0] }],
      warmupTasks: [],
    })
  })

  test('are reported after the last answer, so that nothing is said behind the back of the member', async () => {
    const loop = new Loop()
    let answer: (answer: object) => void = () => {}
    loop.answer = () => new Promise((resolve) => (answer = resolve))
    loop.tell(streamsMember)
    await loop.holdFor(1_500)
    await loop.runsAgain(streamsMember)
    expect([loop.reports, loop.closed]).toEqual([[], 0])
    answer({ errorCode: 0, memberEpoch: 3 })
    await loop.runsAgain(streamsMember)
    expect([loop.reports.length, loop.closed]).toEqual([1, 1])
  })

  test('are reported after a while, when the last answer does not come', async () => {
    const loop = new Loop()
    loop.answer = async (body) => ({ errorCode: 0, memberEpoch: body['memberEpoch'] })
    loop.tell(streamsMember)
    await loop.holdFor(2_000)
    loop.answer = () => new Promise(() => {})
    await loop.holdFor(2_000)
    await loop.runsAgain()
    await loop.holdFor(1_100)
    expect(loop.reports).toMatchObject([{ heartbeats: 1 }])
    expect(loop.closed).toBe(1)
  })
})

describe('a thread for heartbeats', () => {
  test('a heartbeat thread that cannot be started is reported once, and the members continue without it', async () => {
    const logger = new RecordingLogger()
    const config = compileClusterOptions({ bootstrap: 'localhost:9092', logger })
    const keepalive = new Keepalive(config, pathToFileURL('/nowhere/keepalive-thread.js'))
    keepalive.keep(
      () => member,
      () => {},
    )
    keepalive.tell()
    await until(() => logger.lines.length > 0, 10_000, 'it is told')
    keepalive.tell()
    expect(logger.lines).toMatchObject([{ level: 'warn', message: expect.stringContaining('no separate thread') }])
    await keepalive.close()
  })
})
