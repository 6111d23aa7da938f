import { MatchGatherer, RuleGatherer, type RulePlan, type SecurityRules } from '../../src/alerts/index.ts'
import {
  type KStream,
  type MetricCounter,
  type Processor,
  type ProcessorContext,
  type StreamRecord,
  string,
} from '../../src/index.ts'
import type { EnrichedLog } from '../enriched-log.ts'
import {
  keyWithoutGroup,
  observationPartition,
  type ObservationRecord,
  observationRecords,
} from './observation-record.ts'

export interface GatherOptions {
  readonly rules: readonly RulePlan[]
  /** Sigma rules that logs are gathered for; undefined: none. */
  readonly security?: SecurityRules | undefined
  /** The topic that the logs are from. */
  readonly inputTopic: string
  readonly observationsTopic: string
  /** Logs that are older than that when they are received are history: no rule looks at them. */
  readonly eventAgeMaxMs: number
}

/** Logs that were received so long after their time hold no time back: the clock of their host is behind. */
const delayMaxMs = 300_000
/** Observations are passed on that often, and before every commit. */
const flushEveryMs = 1000
/** A source that has read everything, and without logs for so long, is idle. */
const idleAfterMs = 10_000
/** A process that did not run for so long does not know any longer whether there is something to read. */
const stallMs = 5000
/** A source that is as far as before, or idle, says so that often. */
const tickAgainMs = 10_000

/** Sums up what logs mean to alert rules, for the worker that evaluates them. */
export function gather(logs: KStream<string, EnrichedLog, boolean, boolean>, options: GatherOptions): void {
  logs.process({ create: () => new GatherProcessor(options) }, { name: 'gather' }).to(options.observationsTopic, {
    name: 'to-observations',
    key: string(),
    value: observationRecords,
    partitioner: observationPartition,
  })
}

class GatherProcessor implements Processor<string, EnrichedLog, string, ObservationRecord> {
  readonly #gatherers: readonly (RuleGatherer | MatchGatherer)[]
  readonly #options: GatherOptions
  #context!: ProcessorContext<string, ObservationRecord>
  #history!: MetricCounter
  #source = ''
  #reachedMs = Number.NEGATIVE_INFINITY
  /** By how much its logs are older than when they are received. */
  #delayMs = 0
  #hasNews = false
  #newsMs = 0
  #flushedMs = 0
  #told: { readonly reachedMs: number; readonly isIdle: boolean; readonly atMs: number } | undefined

  constructor(options: GatherOptions) {
    this.#options = options
    const { rules, security } = options
    this.#gatherers = [new RuleGatherer(rules), ...(security === undefined ? [] : [new MatchGatherer(security)])]
  }

  init(context: ProcessorContext<string, ObservationRecord>): void {
    this.#context = context
    this.#history = context.metrics.counter('alert_logs_of_history')
    this.#source = `${this.#options.inputTopic}/${context.taskId.split('_').at(-1)}`
    this.#newsMs = context.currentSystemTimeMs()
    this.#flushedMs = this.#newsMs
    context.schedule(flushEveryMs, 'wall-clock-time', (nowMs) => this.#flush(nowMs))
  }

  process({ value: log, timestamp }: StreamRecord<string, EnrichedLog>): void {
    this.#hasNews = true
    this.#reachedMs = Math.max(this.#reachedMs, log.receivedMs - delayMaxMs)
    if (log.timestamp < log.receivedMs - this.#options.eventAgeMaxMs) {
      this.#history.increment()
      return
    }
    for (const gatherer of this.#gatherers) gatherer.gather(log, timestamp)
    this.#reachedMs = Math.max(this.#reachedMs, timestamp)
    this.#delayMs = Math.max(0, log.receivedMs - this.#reachedMs)
    if (this.#gatherers.some(({ isFull }) => isFull)) this.beforeCommit()
  }

  beforeCommit(): void {
    this.#flush(this.#context.currentSystemTimeMs())
  }

  #flush(nowMs: number): void {
    const [source, reachedMs] = [this.#source, this.#reachedMs]
    for (const gatherer of this.#gatherers) {
      gatherer.flush((key, gathered) => {
        const value = { source, reachedMs, ...gathered }
        this.#context.forward({ key: key === '' ? keyWithoutGroup : key, value, timestamp: nowMs })
      })
    }
    if (this.#hasNews || nowMs - this.#flushedMs > stallMs) this.#newsMs = nowMs
    this.#hasNews = false
    this.#flushedMs = nowMs
    this.#tick(nowMs)
  }

  /** After the observations: they are of times up to there. */
  #tick(nowMs: number): void {
    const isIdle = nowMs - this.#newsMs >= idleAfterMs && this.#context.isCaughtUp()
    const reachedMs = isIdle ? Math.max(this.#reachedMs, nowMs - this.#delayMs) : this.#reachedMs
    const told = this.#told
    const isNew = told === undefined || told.isIdle !== isIdle || (!isIdle && told.reachedMs !== reachedMs)
    if (!isNew && nowMs - told.atMs < tickAgainMs) return
    const source = this.#source
    this.#told = { reachedMs, isIdle, atMs: nowMs }
    const isKnown = reachedMs !== Number.NEGATIVE_INFINITY
    const value = { source, reachedMs: isKnown ? reachedMs : null, isIdle }
    this.#context.forward({ key: source, value, timestamp: nowMs })
  }
}
