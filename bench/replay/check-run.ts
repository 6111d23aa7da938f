import { type Admin, type KafkaDriver, openKafka, silentLogger, systemClock } from '../../src/index.ts'
import { Replays, type ReplayPlan, type ReplayStatus, type Verification } from '../../src/replay/index.ts'
import { versionedName } from '../../src/replay/outputs.ts'
import { Accounts, type CheckRange, type FoundAccounts } from './accounts.ts'
import { CheckChild } from './child.ts'
import { CountingAlerts, checkTopology } from './check-topology.ts'
import { cleanTopic, countsTopic, EventSender, eventsTopic, partitions, timeAt } from './events.ts'
import { type GroupView, GroupWatch } from './group-watch.ts'
import { Load } from './load.ts'
import type { Repeatable } from './repeatable.ts'

const applicationId = 'replay-check'
const replayId = 'check'
const timeoutMs = 300_000
const onItsWayMs = 300
/** Of a commit interval of one second: what the process has done since is done again. */
const afterCommitMs = 600

export interface CheckOptions {
  readonly bootstrap: string
  /** Records before the replay begins. */
  readonly records: number
  readonly say: (line: string) => void
}

/** What the check found; everything that must hold is in `faults` where it does not. */
export interface CheckResult {
  readonly planned: number
  readonly replayMs: number
  readonly sentBeside: number
  readonly verification: Verification
  readonly accounts: FoundAccounts
  readonly notified: { readonly live: number; readonly replay: number }
  readonly faults: readonly string[]
}

/** Replays a range of what a live application has processed and goes on processing, with two kills on the way. */
export async function runReplayCheck(options: CheckOptions): Promise<CheckResult> {
  const kafka = openKafka({ bootstrap: options.bootstrap })
  const check = new ReplayCheck(options, kafka, kafka.admin())
  try {
    return await check.run()
  } finally {
    await kafka.close()
  }
}

class ReplayCheck {
  readonly #options: CheckOptions
  readonly #admin: Admin
  readonly #sender: EventSender
  readonly #groups: GroupWatch
  readonly #accounts: Accounts
  readonly #faults: string[] = []
  readonly #range: CheckRange = { fromMs: minuteOf(timeAt(1 / 6)), toMs: minuteOf(timeAt(5 / 6)) }

  constructor(options: CheckOptions, kafka: KafkaDriver, admin: Admin) {
    this.#options = options
    this.#admin = admin
    this.#sender = new EventSender(kafka, options.records)
    this.#groups = new GroupWatch(kafka, applicationId, eventsTopic)
    this.#accounts = new Accounts(kafka, admin, applicationId, replayId)
  }

  async run(): Promise<CheckResult> {
    const { bootstrap, say } = this.#options
    await this.#createTopics()
    await this.#sender.prepare()
    const live = new CheckChild('live', bootstrap)
    await this.#sendPaced()
    const before = await this.#groups.view()
    const config = { applicationId, kafka: { bootstrap }, sinks: [new CountingAlerts()], logger: silentLogger }
    const replays = await Replays.open(config, checkTopology)
    const plan = await this.#plan(replays)
    const load = new Load(this.#sender)
    const startedMs = performance.now()
    const { notified, kills } = await this.#withKills(replays)
    const replayMs = performance.now() - startedMs
    await load.stop()
    say(`the replay is done; ${load.sent} records were sent beside it`)
    await this.#groups.drained()
    this.#expectUntouched(before, await this.#groups.view(), load.sent)
    const verification = await replays.verify(replayId)
    const accounts = await this.#accounts.read(this.#range, kills)
    this.#expectAll(verification, accounts)
    await this.#tryCutOver(replays)
    await replays.close()
    const liveEnd = await live.stop<{ notified: number }>()
    this.#expect(notified === 0, `the replay notified ${notified} times`)
    this.#expect(liveEnd.notified > 0, 'the live application did not notify of any error')
    await this.#sender.close()
    return {
      planned: plan.estimate.records,
      replayMs,
      sentBeside: load.sent,
      verification,
      accounts,
      notified: { live: liveEnd.notified, replay: notified },
      faults: this.#faults,
    }
  }

  async #createTopics(): Promise<void> {
    // The events are of last July.
    const configs = { 'retention.ms': '-1' }
    const names = [eventsTopic, cleanTopic, countsTopic]
    const topics = names.map((name) => ({ name, partitions, replicationFactor: 1, configs }))
    await this.#admin.createTopics(topics, 30_000)
  }

  /** In order of time the live application has at most so many records to read: as if each came when it happened. */
  async #sendPaced(): Promise<void> {
    const { records, say } = this.#options
    // Two minutes of event time: windows take records for a quarter of an hour.
    const chunk = records / 200
    for (let tenth = 1; this.#sender.sent < records; ) {
      await this.#sender.send(Math.min(chunk, records - this.#sender.sent))
      while ((await this.#groups.view()).lag > chunk) await systemClock.sleep(50)
      if (this.#sender.sent < (records * tenth) / 10) continue
      say(`${this.#sender.sent} records are sent`)
      tenth++
    }
    await this.#groups.drained()
    say(`${records} records are sent, and the live application has processed them`)
  }

  async #plan(replays: Replays): Promise<ReplayPlan> {
    const { records, say } = this.#options
    const plan = await replays.plan({ id: replayId, ...this.#range, throttle: { recordsPerSecond: records / 10 } })
    say(`planned: ${plan.estimate.records} offsets, ${plan.estimate.bytes} bytes, warm-up ${plan.warmUpMs} ms`)
    for (const warning of plan.warnings) say(`warning: ${warning}`)
    return plan
  }

  /**
   * Works on the replay until it is done, and kills the process two times, each a while after a commit. Returns how
   * often it notified, and what each kill allows to happen twice.
   */
  async #withKills(replays: Replays): Promise<{ readonly notified: number; readonly kills: readonly Repeatable[] }> {
    const { bootstrap, say } = this.#options
    const kills: Repeatable[] = []
    for (const share of [0.2, 0.6]) {
      const child = new CheckChild('replay', bootstrap, replayId)
      const { done, total } = await until(replays, ({ done, total }) => done >= total * share)
      await systemClock.sleep(afterCommitMs)
      await child.kill()
      // What was on its way to the brokers arrives.
      await systemClock.sleep(onItsWayMs)
      const kill = await this.#accounts.repeatable()
      kills.push(kill)
      const { written, counted } = kill
      say(
        `killed -9 at ${done} of ${total} offsets: ${written.size} events may be written again, ${counted.size} counted again`,
      )
    }
    const last = new CheckChild('replay', bootstrap, replayId)
    const { notified } = await last.result<{ notified: number }>()
    return { notified, kills }
  }

  #expectUntouched(before: GroupView, after: GroupView, sent: number): void {
    const [were, are] = [before.members.join(), after.members.join()]
    this.#expect(were === are, `the live group's members changed: ${were} to ${are}`)
    this.#expect(after.lag === 0, `the live group is behind by ${after.lag}`)
    const committed = after.committed - before.committed
    this.#expect(committed === sent, `the live group has committed ${committed} events, and ${sent} were sent`)
  }

  /** Nothing is lost, and whatever is there twice was done again after a kill. */
  #expectAll(verification: Verification, accounts: FoundAccounts): void {
    for (const [name, { lost, unexplained }] of Object.entries(accounts)) {
      this.#expect(lost === 0, `${name}: the replay has lost ${lost} events`)
      this.#expect(unexplained === 0, `${name}: the replay has ${unexplained} events that no kill explains`)
    }
    const isExact = accounts.windows.repeated === 0
    this.#expect(!isExact || verification.isEqual, 'what the replay wrote differs from what the live application wrote')
    const isRead = verification.partitions.every(({ done, total }) => done === total)
    this.#expect(isRead, 'the replay has not read all that was planned')
  }

  /** Puts the result in place, and takes it back. */
  async #tryCutOver(replays: Replays): Promise<void> {
    await replays.cutOver(replayId)
    const current = await replays.currentTopic(cleanTopic)
    this.#expect(current === versionedName(cleanTopic, { applicationId, id: replayId }), 'the cut-over has no effect')
    await replays.revert(replayId)
    this.#expect((await replays.currentTopic(cleanTopic)) === cleanTopic, 'the cut-over is not taken back')
  }

  #expect(holds: boolean, fault: string): void {
    if (!holds) this.#faults.push(fault)
  }
}

async function until(replays: Replays, holds: (status: ReplayStatus) => boolean): Promise<ReplayStatus> {
  for (const endMs = performance.now() + timeoutMs; ; ) {
    const status = await replays.status(replayId)
    if (holds(status)) return status
    if (performance.now() > endMs) throw new Error(`not reached in ${timeoutMs} ms: ${JSON.stringify(status)}`)
    await systemClock.sleep(50)
  }
}

function minuteOf(timeMs: number): number {
  return timeMs - (timeMs % 60_000)
}
