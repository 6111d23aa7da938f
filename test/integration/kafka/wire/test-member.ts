import type {
  GroupEvent,
  GroupMember,
  GroupMemberOptions,
  GroupTopology,
  RebalanceCause,
} from '../../../../src/kafka/port.ts'
import { taskIdText } from '../../../../src/kafka/port.ts'
import { WireAdmin } from '../../../../src/kafka/wire/admin/admin.ts'
import { ClassicGroupMember } from '../../../../src/kafka/wire/group/classic/classic-group-member.ts'
import { StreamsGroupMember } from '../../../../src/kafka/wire/group/streams/streams-group-member.ts'
import type { Cluster } from '../../../../src/kafka/wire/cluster/cluster.ts'
import { noKeepalive } from '../../../support/no-keepalive.ts'
import { plainPlacement } from '../../../../src/testing/kafka-driver/plain-placement.ts'

/** A member as a stream thread drives it: polls, does what it is told, acknowledges, and notes all of it. */
export class TestMember {
  readonly member: GroupMember
  readonly name: string
  readonly active = new Set<string>()
  readonly standby = new Set<string>()
  readonly told: GroupEvent[] = []
  readonly causes: RebalanceCause[] = []
  failure: unknown
  /** false: events are seen and not acknowledged. */
  acknowledges = true
  #timer: NodeJS.Timeout | undefined

  constructor(
    cluster: Cluster,
    name: string,
    groupId: string,
    topology: GroupTopology,
    more: Partial<GroupMemberOptions> = {},
  ) {
    this.name = name
    const options: GroupMemberOptions = {
      clientId: name,
      groupId,
      instanceId: undefined,
      processId: name,
      protocol: 'classic',
      topology,
      // Longer than a busy machine stands still: tests that wait for an end to come name a shorter one.
      sessionTimeoutMs: 10_000,
      heartbeatIntervalMs: 200,
      rebalanceTimeoutMs: 30_000,
      ...plainPlacement,
      applicationServer: undefined,
      onRebalance: ({ cause }) => void this.causes.push(cause),
      ...more,
    }
    this.member =
      options.protocol === 'streams'
        ? new StreamsGroupMember(cluster, noKeepalive, options)
        : new ClassicGroupMember(cluster, new WireAdmin(cluster), noKeepalive, options)
  }

  start(): this {
    this.member.join(() => this.#step())
    this.resume()
    return this
  }

  /** The thread runs: it polls all the time. */
  resume(): void {
    this.#timer ??= setInterval(() => this.#step(), 20)
  }

  /** The thread hangs: nobody polls. */
  hang(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async leave(options = { permanently: false }): Promise<void> {
    await this.member.leave(3000, options)
    this.hang()
  }

  kinds(): string[] {
    return this.told.map((event) => event.kind)
  }

  forgetTold(): void {
    this.told.length = 0
  }

  #step(): void {
    if (this.#timer === undefined) return
    const event = this.member.poll()
    if (event === undefined) return
    if (this.told.at(-1) !== event) this.told.push(event)
    if (!this.acknowledges) return
    if (event.kind === 'failed') {
      this.failure = event.error
      return
    }
    if (event.kind === 'assigned') this.#open(event)
    else this.#close(event)
    this.member.acknowledge()
  }

  #open({ active, standby }: Extract<GroupEvent, { kind: 'assigned' }>): void {
    for (const task of active) {
      this.standby.delete(taskIdText(task))
      this.active.add(taskIdText(task))
    }
    for (const task of standby) this.standby.add(taskIdText(task))
  }

  #close({ tasks }: Extract<GroupEvent, { kind: 'revoked' | 'lost' }>): void {
    for (const task of tasks) {
      this.active.delete(taskIdText(task))
      this.standby.delete(taskIdText(task))
    }
  }
}

/** One subtopology that reads these topics; stateful when it has a store. */
export function topologyOf(sourceTopics: readonly string[], changelog?: string): GroupTopology {
  const changelogTopics =
    changelog === undefined
      ? []
      : [{ name: changelog, partitions: undefined, replicationFactor: -1, configs: { 'cleanup.policy': 'compact' } }]
  return {
    subtopologies: [
      {
        id: 0,
        sourceTopics,
        patternTopics: [],
        repartitionSourceTopics: [],
        repartitionSinkTopics: [],
        changelogTopics,
        copartitionGroups: sourceTopics.length > 1 ? [sourceTopics] : [],
      },
    ],
  }
}

/** Tasks that run, each name once for every member that runs it. */
export function runningTasks(members: readonly TestMember[]): string[] {
  return members.flatMap((member) => [...member.active]).sort()
}
