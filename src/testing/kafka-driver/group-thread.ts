import assert from 'node:assert/strict'
import { errorCode, errorMessage } from '../../core/errors.ts'
import type { GroupEvent, GroupMember, GroupMemberOptions, GroupTopology } from '../../kafka/port.ts'
import type { KafkaDriver, RebalanceCause } from '../../kafka/port.ts'
import { taskIdText } from '../../kafka/port.ts'
import type { KafkaBench } from './bench.ts'
import { plainPlacement } from './plain-placement.ts'

/** Of its member; with `asks` it joins to end the group. */
export interface ThreadOptions extends Partial<GroupMemberOptions> {
  readonly asks?: boolean
}

/** A stream thread that does nothing but take and give back tasks. */
export class GroupThread {
  readonly driver: KafkaDriver
  readonly member: GroupMember
  readonly active = new Set<string>()
  readonly standby = new Set<string>()
  /** The events it got, in words. */
  readonly told: string[] = []
  /** The causes of the rebalances that it heard of. */
  readonly causes: RebalanceCause[] = []
  holdsRevocations = false
  #heard: GroupEvent | undefined
  #failed: unknown

  constructor(bench: KafkaBench, groupId: string, topology: GroupTopology, { asks, ...options }: ThreadOptions = {}) {
    this.driver = bench.harness.driver()
    this.member = this.driver.groupMember({
      clientId: 'thread',
      groupId,
      instanceId: undefined,
      processId: bench.name('process'),
      protocol: bench.harness.group.protocol,
      topology,
      sessionTimeoutMs: bench.harness.group.sessionTimeoutMs,
      heartbeatIntervalMs: bench.harness.group.heartbeatIntervalMs,
      rebalanceTimeoutMs: bench.harness.group.rebalanceTimeoutMs,
      ...plainPlacement,
      applicationServer: undefined,
      onRebalance: ({ cause }) => void this.causes.push(cause),
      ...options,
    })
    if (asks === true) this.member.requestShutdown()
    this.member.join(() => {})
  }

  /** One turn of the thread's loop. */
  turn(): void {
    const event = this.member.poll()
    if (event === undefined) return
    if (event.kind === 'failed') throw event.error
    if (event !== this.#heard) this.#hear(event)
    this.#heard = event
    if (event.kind === 'revoked' && this.holdsRevocations) return
    this.#do(event)
    this.member.acknowledge()
  }

  #hear(event: Exclude<GroupEvent, { kind: 'failed' }>): void {
    const tasks =
      event.kind === 'assigned'
        ? [...event.active.map(taskIdText), ...event.standby.map((task) => `${taskIdText(task)} as standby`)]
        : event.tasks.map(taskIdText)
    this.told.push(`${event.kind} ${tasks.sort().join(' ')}`)
  }

  #do(event: Exclude<GroupEvent, { kind: 'failed' }>): void {
    if (event.kind === 'assigned') {
      for (const task of event.active) this.active.add(taskIdText(task))
      for (const task of event.standby) this.standby.add(taskIdText(task))
      return
    }
    for (const task of event.tasks) {
      this.active.delete(taskIdText(task))
      this.standby.delete(taskIdText(task))
    }
  }

  get sortedActive(): readonly string[] {
    return [...this.active].sort()
  }

  /** Commits one offset as this member. */
  async commit(bench: KafkaBench, topic: string, metadata = this.member.metadata()): Promise<void> {
    const consumer = bench.consumer({}, this.driver)
    const commit = consumer.commit([{ topic, partition: 0, offset: 1, metadata: '' }], metadata, 5_000)
    await bench.settle(commit)
  }

  /** Turns until the member has failed with this code, in a sentence that has this part. */
  async failure(bench: KafkaBench, code: string, part: string): Promise<void> {
    await bench.eventually(() => {
      if (this.#failed === undefined) this.turnUntilFailed()
      assert.equal(errorCode(this.#failed), code)
      assert.ok(errorMessage(this.#failed).includes(part), errorMessage(this.#failed))
    })
  }

  turnUntilFailed(): void {
    try {
      this.turn()
    } catch (error) {
      this.#failed = error
    }
  }

  async leave(bench: KafkaBench, options = { permanently: true }): Promise<void> {
    await bench.settle(this.member.leave(10_000, options))
    await bench.settle(this.driver.close())
  }

  /** Dies without a word. */
  async crash(bench: KafkaBench): Promise<void> {
    await bench.settle(this.driver.close())
  }
}
