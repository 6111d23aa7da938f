import type { AlertChange } from '../../../../src/alerts/alert-change.ts'
import type { AlertRequest } from '../../../../src/alerts/notices/alert-request.ts'
import type {
  NoticesDefinition,
  ReceiverDefinition,
  RouteDefinition,
} from '../../../../src/alerts/notices/definition.ts'
import { Digests, type DigestState } from '../../../../src/alerts/notices/digest.ts'
import type { GroupState } from '../../../../src/alerts/notices/group-state.ts'
import { nextSourceRow, sourceRowsOf, type SourceRow } from '../../../../src/alerts/notices/inhibition.ts'
import { NoticeGroups } from '../../../../src/alerts/notices/notice-groups.ts'
import { compileNotices, type NoticePlan } from '../../../../src/alerts/notices/notice-plan.ts'
import { routesOf } from '../../../../src/alerts/notices/routing.ts'
import { type ActiveSilence, compileSilence, type Silence } from '../../../../src/alerts/notices/silence.ts'
import type { Notice } from '../../../../src/alerts/notice.ts'
import type { Severity } from '../../../../src/alerts/severity.ts'
import { alertChange } from '../../../support/notices.ts'

/** One receiver `chat`, one route that groups by rule. */
export function definition(
  more: Omit<Partial<NoticesDefinition>, 'receivers' | 'routes'> & {
    readonly chat?: Partial<ReceiverDefinition>
    readonly route?: Partial<RouteDefinition>
  } = {},
): NoticesDefinition {
  const { chat, route, ...rest } = more
  return {
    receivers: [{ name: 'chat', ...chat }],
    routes: [{ name: 'all', receivers: ['chat'], escalate: false, ...route }],
    ...rest,
  }
}

/** Groups and digests with a clock that a test moves; everything is sent at once. */
export class Desk {
  readonly plan: NoticePlan
  readonly groups: NoticeGroups
  readonly digests: Digests
  readonly states = new Map<string, GroupState>()
  readonly digestStates = new Map<string, DigestState>()
  readonly notices: Notice[] = []
  readonly #sources = new Map<string, SourceRow>()
  #silences: readonly ActiveSilence[] = []
  nowMs: number

  /** `acknowledges`: receivers that take acknowledgements. */
  constructor(of: NoticesDefinition, startAt: string | number = 0, acknowledges: readonly string[] = []) {
    this.plan = compileNotices(of)
    this.groups = new NoticeGroups(this.plan, { acknowledges })
    this.digests = new Digests(this.plan)
    this.nowMs = typeof startAt === 'number' ? startAt : Date.parse(startAt)
  }

  /** An alert begins, or its severity changes. */
  fire(service: string, severity: Severity = 'high', more: Partial<AlertChange> = {}): void {
    this.receive(alertChange(service, 'firing', { severity, startMs: this.nowMs, timeMs: this.nowMs, ...more }))
  }

  resolve(service: string, more: Partial<AlertChange> = {}): void {
    this.receive(alertChange(service, 'resolved', { startMs: this.nowMs, timeMs: this.nowMs, ...more }))
  }

  receive(change: AlertChange): void {
    for (const { row, isSource } of sourceRowsOf(this.plan.inhibitions, change)) {
      this.#sources.set(row, nextSourceRow(this.#sources.get(row) ?? [], change.key, isSource))
    }
    for (const routed of routesOf(this.plan.routes, change)) {
      const state = this.states.get(routed.groupKey) ?? this.groups.create(routed)
      this.states.set(routed.groupKey, state)
      this.groups.receive(state, routed, this.nowMs)
    }
    this.#work()
  }

  silence(match: Silence['match'], forMs: number): void {
    const [startMs, endMs] = [this.nowMs, this.nowMs + forMs]
    const silence = { id: `s${this.#silences.length}`, match, author: 'ann', reason: 'upgrade', startMs, endMs }
    this.#silences = [...this.#silences, compileSilence(silence)]
  }

  acknowledge(): void {
    for (const state of this.states.values()) {
      const dedupKey = state.episode?.dedupKey ?? ''
      this.groups.acknowledge(state, { dedupKey, author: 'ann', timeMs: this.nowMs })
    }
  }

  /** Whether it was taken. */
  ask(request: AlertRequest): boolean {
    const taken = [...this.states.values()].map((state) => this.groups.ask(state, request))
    this.#work()
    return taken.includes(true)
  }

  /** Time passes, second by second or from event to event. */
  pass(ms: number): void {
    const endMs = this.nowMs + ms
    while (this.nowMs < endMs) {
      this.nowMs = Math.min(endMs, Math.max(this.nowMs + 1000, this.#nextMs()))
      this.#work()
    }
  }

  /** `12:30 fire chat a b`: when, what, to whom, of which services. Times are since the start of the day. */
  get lines(): readonly string[] {
    return this.notices.map(({ timeMs, kind, receiver, alerts }) => {
      const services = alerts.map(({ group }) => group.service).sort()
      return [new Date(timeMs).toISOString().slice(11, 19), kind, receiver, ...services].join(' ')
    })
  }

  get suppressors() {
    return { silences: this.#silences, sourcesOf: (row: string) => this.#sources.get(row) ?? [] }
  }

  #nextMs(): number {
    const times = [...this.states.values()].map(({ wakeMs, seenMs }) => (this.nowMs < seenMs ? this.nowMs : wakeMs))
    const digests = [...this.digestStates.values()].map((state) => this.digests.wakeMs(state))
    return Math.min(...[...times, ...digests].map((ms) => ms ?? Number.POSITIVE_INFINITY))
  }

  #work(): void {
    for (const state of this.states.values()) {
      if (this.groups.isDue(state, this.nowMs)) this.groups.advance(state, this.nowMs, this.suppressors)
      for (const output of this.groups.release(state)) {
        if (output.action === 'send') this.notices.push(output.notice)
        else this.digests.receive(this.#digestOf(output.notice.receiver), output, this.nowMs)
      }
    }
    for (const state of this.digestStates.values()) {
      this.digests.advance(state, this.nowMs)
      this.notices.push(...this.digests.release(state))
    }
  }

  #digestOf(receiver: string): DigestState {
    const state = this.digestStates.get(receiver) ?? this.digests.create(receiver)
    this.digestStates.set(receiver, state)
    return state
  }
}
