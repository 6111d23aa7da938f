import type { AlertChange } from '../../../src/alerts/alert-change.ts'
import type { NoticesDefinition } from '../../../src/alerts/notices/definition.ts'
import type { GroupOutput } from '../../../src/alerts/notices/group-state.ts'
import { nextSourceRow, sourceRowsOf, type SourceRow } from '../../../src/alerts/notices/inhibition.ts'
import { compileNotices, type NoticePlan } from '../../../src/alerts/notices/notice-plan.ts'
import { routesOf } from '../../../src/alerts/notices/routing.ts'
import { type ActiveSilence, compileSilence } from '../../../src/alerts/notices/silence.ts'
import type { Notice } from '../../../src/alerts/notice.ts'
import { type AlertHistory, changeOf, type Happening } from './history.ts'
import type { GroupInput } from '../../../topologies/alerting/notify-groups.ts'
import { DigestTask, GroupTask, nothingCommitted, type TaskRecord } from './tasks.ts'

/** A notice as its receiver got it. */
export interface Delivery {
  readonly notice: Notice
  /** When it was sent, by a clock that nobody sets. */
  readonly sentMs: number
}

/** What came of a history. */
export interface Played {
  readonly deliveries: readonly Delivery[]
  /** Alerts that still fired when the happenings were over, and how many deliveries there were some hours later. */
  readonly firing: readonly AlertChange[]
  readonly settledCount: number
  /** When another owner continued from the last commit, by the clock of `sentMs`. */
  readonly takeoversMs: readonly number[]
  /** Whether every state was forgotten in the end. */
  readonly isForgotten: boolean
}

const second = 1000
const hour = 3_600_000
/** Long enough for quiet hours to end, for flapping to settle, and for each silence to be over. */
const settleMs = 14 * hour

/** Everything happens; then hours pass; then all alerts resolve, and hours pass again. */
export function play(history: AlertHistory, definition: NoticesDefinition): Played {
  const world = new AlertWorld(history, definition)
  for (const happening of history.happenings) {
    world.pass(happening.atMs - world.elapsedMs)
    world.happen(happening)
  }
  world.pass(settleMs)
  const { firing } = world
  const settledCount = world.deliveries.length
  for (const { rule, group, severity } of firing) {
    world.happen({ atMs: 0, kind: 'resolve', rule, service: group.service ?? '', severity })
    world.pass(7 * second)
  }
  world.pass(3 * hour)
  const { deliveries, takeoversMs, isForgotten } = world
  return { deliveries, firing, settledCount, takeoversMs, isForgotten }
}

class AlertWorld {
  readonly deliveries: Delivery[] = []
  readonly takeoversMs: number[] = []
  readonly #plan: NoticePlan
  readonly #history: AlertHistory
  readonly #changes: AlertChange[] = []
  readonly #topic: TaskRecord<GroupInput>[] = []
  readonly #digestTopic: TaskRecord<GroupOutput>[] = []
  readonly #silences: ActiveSilence[] = []
  readonly #sources = new Map<string, SourceRow>()
  #group: GroupTask
  #digest: DigestTask
  #committedGroup = nothingCommitted
  #committedDigest = nothingCommitted
  /** The owner that does not know that it is none, and until when. */
  #outlived: { readonly task: GroupTask; readonly untilMs: number } | null = null
  #elapsedMs = 0
  #downUntilMs = 0
  #clockMs = 0

  constructor(history: AlertHistory, definition: NoticesDefinition) {
    this.#history = history
    this.#plan = compileNotices(definition)
    this.#group = this.#startGroup()
    this.#digest = this.#startDigest()
  }

  get elapsedMs(): number {
    return this.#elapsedMs
  }

  get firing(): readonly AlertChange[] {
    const last = new Map(this.#changes.map((change) => [change.key, change]))
    return [...last.values()].filter(({ status }) => status === 'firing')
  }

  get isForgotten(): boolean {
    return this.#group.isIdle
  }

  pass(ms: number): void {
    const endMs = this.#elapsedMs + ms
    while (this.#elapsedMs < endMs) {
      const nextMs = Math.max(this.#elapsedMs + 1, this.#elapsedMs + this.#nextMs - this.#nowMs)
      this.#elapsedMs = Math.min(endMs, Math.ceil(nextMs / second) * second)
      if (this.#elapsedMs % second === 0) this.#tick()
    }
  }

  happen(happening: Happening): void {
    const { kind, ms = 0, count, service = '' } = happening
    switch (kind) {
      case 'fire':
      case 'resolve':
        return this.#change(changeOf(happening, this.#trueMs))
      case 'again':
        for (const change of this.#changes.slice(-(count ?? 1))) this.#append(change)
        return
      case 'silence': {
        const times = { startMs: this.#nowMs, endMs: this.#nowMs + ms }
        const silence = { id: String(this.#silences.length), author: 'ann', reason: 'upgrade', ...times }
        this.#silences.push(compileSilence({ ...silence, match: { service } }))
        return
      }
      case 'acknowledge':
        return this.#acknowledge()
      case 'kill':
        if (count !== undefined && this.#elapsedMs >= this.#downUntilMs) this.#commit(count)
        this.#restart()
        this.#downUntilMs = this.#elapsedMs + ms
        return
      case 'handover':
        if (this.#elapsedMs >= this.#downUntilMs) this.#commit()
        return this.#restart()
      case 'outlive':
        this.#outlived = { task: this.#group, untilMs: this.#elapsedMs + ms }
        return this.#restart()
      case 'clock':
        this.#clockMs += ms
    }
  }

  get #trueMs(): number {
    return this.#history.startMs + this.#elapsedMs
  }

  /** What the owner takes for the time. */
  get #nowMs(): number {
    return this.#trueMs + this.#clockMs
  }

  /** Nothing is to be done before, by the owner's clock. */
  get #nextMs(): number {
    if (this.#outlived !== null || this.#elapsedMs < this.#downUntilMs) return this.#nowMs
    const [group, digest] = [this.#group, this.#digest]
    return Math.min(group.nextMs(this.#topic, this.#nowMs), digest.nextMs(this.#digestTopic, this.#nowMs))
  }

  #tick(): void {
    if (this.#outlived !== null) {
      // It works, and its commit is refused: it never sends.
      this.#outlived.task.run(this.#topic, this.#nowMs)
      if (this.#elapsedMs >= this.#outlived.untilMs) this.#outlived = null
    }
    if (this.#elapsedMs < this.#downUntilMs) return
    this.#group.run(this.#topic, this.#nowMs)
    this.#digest.run(this.#digestTopic, this.#nowMs)
    if (this.#elapsedMs % this.#history.commitMs === 0) this.#commit()
  }

  /** Sends what is durable then, all of it or only so much. */
  #commit(countMax = Number.POSITIVE_INFINITY): void {
    this.#committedGroup = this.#group.commit()
    this.#committedDigest = this.#digest.commit()
    for (const output of this.#group.release().slice(0, countMax)) {
      // Each owner has the same routes.
      if ('moved' in output) throw new Error(`${output.moved.key} moved`)
      if (output.action === 'send') this.#deliver(output.notice)
      else this.#digestTopic.push({ key: output.notice.receiver, value: output })
    }
    for (const notice of this.#digest.release().slice(0, countMax)) this.#deliver(notice)
  }

  /** Everything goes through JSON, as in stores and topics. */
  #deliver(notice: Notice): void {
    this.deliveries.push({ notice: JSON.parse(JSON.stringify(notice)) as Notice, sentMs: this.#trueMs })
  }

  #restart(): void {
    this.takeoversMs.push(this.#trueMs)
    this.#group = this.#startGroup()
    this.#digest = this.#startDigest()
  }

  #startGroup(): GroupTask {
    const suppressors = { silences: this.#silences, sourcesOf: (row: string) => this.#sources.get(row) ?? [] }
    return new GroupTask(this.#plan, suppressors, this.#committedGroup, this.#nowMs)
  }

  #startDigest(): DigestTask {
    return new DigestTask(this.#plan, this.#committedDigest, this.#nowMs)
  }

  /** Only what is a change: no alert fires twice with the same severity, and none resolves that does not fire. */
  #change(change: AlertChange): void {
    const last = this.#changes.findLast(({ key }) => key === change.key)
    const isFiring = last?.status === 'firing'
    if (change.status === 'resolved' ? !isFiring : isFiring && last.severity === change.severity) return
    const episode = isFiring ? last.episode : `${change.key}@${change.timeMs}`
    const startMs = isFiring ? last.startMs : change.startMs
    const severity = change.status === 'resolved' && last !== undefined ? last.severity : change.severity
    const whole = { ...change, episode, startMs, severity }
    this.#changes.push(whole)
    this.#append(whole)
  }

  #append(change: AlertChange): void {
    const last = this.#changes.findLast(({ key }) => key === change.key)
    for (const { row, isSource } of sourceRowsOf(this.#plan.inhibitions, last ?? change)) {
      this.#sources.set(row, nextSourceRow(this.#sources.get(row) ?? [], change.key, isSource))
    }
    for (const routed of routesOf(this.#plan.routes, change)) {
      this.#topic.push({ key: routed.groupKey, value: { routed } })
    }
  }

  #acknowledge(): void {
    const keys = new Set(this.deliveries.map(({ notice }) => notice.dedupKey))
    for (const dedupKey of keys) {
      const groupKey = dedupKey.slice(0, dedupKey.lastIndexOf('@'))
      const acknowledgement = { dedupKey, author: 'ann', timeMs: this.#nowMs }
      this.#topic.push({ key: groupKey, value: { acknowledgement } })
    }
  }
}
