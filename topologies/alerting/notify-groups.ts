import {
  type Acknowledgement,
  type AlertChange,
  type AlertRequest,
  type GroupOutput,
  type GroupState,
  isForgettable,
  NoticeGroups,
  type NoticePlan,
  type Receipt,
  type RoutedChange,
  type SourceRow,
} from '../../src/alerts/index.ts'
import type { Logger, ProcessorContext, ReadOnlyKeyValueStore, ValueAndTimestamp } from '../../src/index.ts'
import { readSourceRow } from './alert-inputs.ts'
import type { NoticeDecisions } from './notify-processor.ts'
import { SilenceTable } from './notify-silences.ts'

/** What comes to a group of alerts. */
export type GroupInput =
  | { readonly routed: RoutedChange }
  | { readonly acknowledgement: Acknowledgement }
  | { readonly request: AlertRequest }

/** An alert that the routes lead elsewhere since they were changed. */
export interface MovedAlert {
  readonly moved: AlertChange
}

/** What a group says to receivers, and what it gives back. */
export type GroupDecision = GroupOutput | MovedAlert

/** As long as other groups may still give back alerts after a start, the ends of alerts that nobody knows are remembered. */
const movesMs = 600_000

const ignoredText =
  'what somebody asks for is ignored: it was asked for before, nothing fires, or the notices name no receiver in requests'

/** Where `GroupDecisions` finds what it knows of the world. */
export interface GroupDecisionsOptions {
  readonly plan: NoticePlan
  /** Receivers that take notices of kind `acknowledge`. */
  readonly acknowledges: readonly string[]
  /** Global tables. */
  readonly stores: { readonly silences: string; readonly sources: string }
  /** Somebody has to hear of an alert that a group has no room for: it is counted, and said. */
  readonly leftOut: (groupKey: string, alert: string) => void
  readonly logger: Logger
}

/** Decides who is notified of a group of alerts, and when. */
export class GroupDecisions implements NoticeDecisions<GroupInput, GroupState, GroupDecision> {
  readonly #options: GroupDecisionsOptions
  readonly #groups: NoticeGroups
  #context!: ProcessorContext<string, GroupDecision>
  #silences!: SilenceTable
  #openedMs = 0
  #sources!: ReadOnlyKeyValueStore<string, ValueAndTimestamp<SourceRow>>

  constructor(options: GroupDecisionsOptions) {
    this.#options = options
    this.#groups = new NoticeGroups(options.plan, { acknowledges: options.acknowledges })
  }

  open(context: ProcessorContext<string, GroupDecision>): void {
    const { silences, sources } = this.#options.stores
    this.#context = context
    this.#openedMs = context.currentSystemTimeMs()
    this.#silences = new SilenceTable(context.getStateStore(silences), context.metrics, this.#options.logger)
    this.#sources = context.getStateStore(sources)
    // Known from the start: Prometheus sees no increase in a series that begins.
    context.metrics.counter('alert_change:left-out')
  }

  begin(state: GroupState, nowMs: number): readonly MovedAlert[] {
    const moved = this.#groups.realign(state, nowMs)
    if (moved.length > 0) this.#context.metrics.counter('alert_moved').increment(moved.length)
    return moved.map((change) => ({ moved: change }))
  }

  create(_: string, input: GroupInput): GroupState | undefined {
    if ('routed' in input) return this.#groups.create(input.routed)
    this.#count('request' in input ? 'alert_request:ignored' : 'alert_acknowledgement:ignored')
    return undefined
  }

  take(state: GroupState, input: GroupInput, nowMs: number): void {
    if ('acknowledgement' in input) {
      const isTaken = this.#groups.acknowledge(state, input.acknowledgement)
      this.#count(isTaken ? 'alert_acknowledgement:taken' : 'alert_acknowledgement:ignored')
      return
    }
    if ('request' in input) {
      const isTaken = this.#groups.ask(state, input.request)
      this.#count(isTaken ? 'alert_request:taken' : 'alert_request:ignored')
      if (!isTaken) this.#options.logger.warn({ ...input.request }, ignoredText)
      return
    }
    const receipt = this.#groups.receive(state, input.routed, nowMs)
    if (receipt === 'ignored' && nowMs < this.#openedMs + movesMs) {
      this.#groups.rememberEnd(state, input.routed, nowMs)
    }
    this.#received(state, input.routed, receipt)
  }

  isDue(state: GroupState, nowMs: number): boolean {
    return this.#groups.isDue(state, nowMs)
  }

  advance(state: GroupState, nowMs: number): void {
    this.#groups.advance(state, nowMs, {
      silences: this.#silences.at(nowMs),
      sourcesOf: (row) => readSourceRow(this.#sources.get(row)?.value),
    })
  }

  wakeMs({ wakeMs }: GroupState): number | null {
    return wakeMs
  }

  hasOutputs({ outbox }: GroupState): boolean {
    return outbox.length > 0
  }

  release(state: GroupState): readonly GroupOutput[] {
    return this.#groups.release(state)
  }

  isOver(state: GroupState): boolean {
    return isForgettable(state)
  }

  #received({ key }: GroupState, { change }: RoutedChange, receipt: Receipt): void {
    this.#count(`alert_change:${receipt}`)
    if (receipt === 'left-out') this.#options.leftOut(key, change.key)
  }

  #count(name: string): void {
    this.#context.metrics.counter(name).increment()
  }
}
