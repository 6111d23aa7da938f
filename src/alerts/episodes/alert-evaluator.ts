import type { AlertChange, AlertStatus } from '../alert-change.ts'
import { addToBucket, bucketStart, forgetBuckets } from '../evaluation/buckets.ts'
import { createEvaluation } from '../evaluation/create-evaluation.ts'
import type { Evaluation } from '../evaluation/evaluation.ts'
import type { Reading } from '../evaluation/reading.ts'
import { type Observation, sampleLengthMax } from '../rules/observation.ts'
import type { RulePlan } from '../rules/plan.ts'
import type { GroupValues } from '../rules/read-log.ts'
import { severities, type Severity } from '../severity.ts'
import { alertKey, episodeId } from './alert-key.ts'
import type { AlertState, Sample } from './alert-state.ts'
import { checkTransition, type EpisodeStatus, isAtRest, noEpisode } from './episode.ts'
import { clear, folded } from './fold.ts'
import { worded } from './wording.ts'

/** So many times as far outside a value of an alert's key has to lie at a point of event time. */
export type Strictness = (alert: string, pointMs: number) => number

const samplesMax = 3
/** So many of the points that are not closed can fire early: more are open only where a source is far behind the others. */
const openPointsMax = 500

/**
 * Evaluates a rule for each of its groups. It has no state of its own and looks at no clock: all of it is in an AlertState,
 * which its methods change, and times are arguments. The same observations give the same state, in whatever order they
 * come within the grace of the rule.
 */
export class AlertEvaluator {
  /** The rule. */
  readonly plan: RulePlan
  readonly #evaluation: Evaluation
  readonly #strictness: Strictness

  /** `strictness`: by what people said of the alerts of a key. Default: 1 for all. */
  constructor(plan: RulePlan, strictness: Strictness = () => 1) {
    this.plan = plan
    this.#strictness = strictness
    this.#evaluation = createEvaluation(plan)
  }

  /** The state of a group that was not known before. `closedMs` and `reachedMs` as of `advance`. */
  start(group: GroupValues, closedMs: number, reachedMs = closedMs): AlertState {
    const { everyMs, graceMs } = this.plan
    return {
      group,
      evaluation: {
        sinceMs: bucketStart(reachedMs, everyMs),
        buckets: [],
        memory: this.#evaluation.memory?.() ?? null,
      },
      nextMs: bucketStart(closedMs - graceMs - everyMs, everyMs) + everyMs,
      lastMs: reachedMs,
      fold: clear,
      earlyMs: null,
      episode: noEpisode,
      eventCount: 0,
      samples: [],
      lateCount: 0,
      aheadCount: 0,
      isOver: false,
    }
  }

  /** The same for a group whose alert was ended at this time: nothing of before makes it fire again. */
  startAfter(group: GroupValues, endedMs: number): AlertState {
    const nextMs = bucketStart(endedMs, this.plan.everyMs) + this.plan.everyMs
    const state = this.start(group, endedMs)
    return { ...state, evaluation: { ...state.evaluation, sinceMs: nextMs }, nextMs }
  }

  /** Takes an observation, and advances. Returns the changes that follow. */
  observe(state: AlertState, observation: Observation, closedMs: number, reachedMs = closedMs): readonly AlertChange[] {
    this.take(state, observation, reachedMs)
    return this.advance(state, closedMs, reachedMs)
  }

  /**
   * The event time continues. Returns the changes that follow, in their order.
   *
   * @param closedMs What all sources of logs have reached: what is older than that and the grace can change no longer.
   * @param reachedMs What any of them has reached: an alert may fire early for what was seen up to there.
   */
  advance(state: AlertState, closedMs: number, reachedMs = closedMs): readonly AlertChange[] {
    const { everyMs, graceMs } = this.plan
    const changes: AlertChange[] = []
    while (!state.isOver && state.nextMs + everyMs + graceMs <= closedMs) {
      if (this.#isSettled(state)) {
        state.nextMs = bucketStart(closedMs - graceMs - everyMs, everyMs) + everyMs
        state.isOver = state.evaluation.memory === null || this.#isForgotten(state, state.nextMs)
        break
      }
      const isEmpty = state.evaluation.buckets.length === 0
      const reading = this.#close(state, state.nextMs, changes)
      state.nextMs += everyMs
      if (isEmpty && reading !== undefined && this.#isConstant(state, reading)) this.#skip(state, closedMs)
    }
    if (state.isOver) return changes
    this.#peek(state, reachedMs, changes)
    return changes
  }

  /** The event time that all sources must have reached before `advance` can close anything; Infinity: only a log can change the state. */
  closesAtMs(state: AlertState): number {
    const { everyMs, graceMs, forgetMs } = this.plan
    if (!this.#isSettled(state)) return state.nextMs + everyMs + graceMs
    return state.evaluation.memory === null
      ? state.nextMs + everyMs + graceMs
      : Math.max(state.nextMs, state.lastMs + forgetMs) + everyMs + graceMs
  }

  /** The event time that a source must have reached before `advance` could fire early, without a further log; Infinity: none. */
  firesAtMs(state: AlertState, reachedMs: number): number {
    const { everyMs, forMs } = this.plan
    const isWaiting = forMs > 0 && this.#isEager && !state.fold.hasFired && state.earlyMs === null
    return isWaiting && state.evaluation.buckets.length > 0
      ? bucketStart(reachedMs, everyMs) + everyMs
      : Number.POSITIVE_INFINITY
  }

  /** Takes an observation, and changes nothing else: `advance` says what follows from it and from others. */
  take(state: AlertState, observation: Observation, reachedMs: number): void {
    const { everyMs, windowMs, watch } = this.plan
    const ownMs = bucketStart(observation.timeMs, everyMs)
    // A change comes as late as the rule that it is of could be sure. Without it, a correlation would be wrong from then on.
    const startMs = watch.by === 'correlation' ? Math.max(ownMs, state.nextMs) : ownMs
    if (startMs < state.nextMs) state.lateCount += observation.count
    else if (startMs > reachedMs + windowMs) state.aheadCount += observation.count
    else {
      const { evaluation } = state
      addToBucket(evaluation.buckets, startMs, observation, this.#evaluation.add)
      evaluation.sinceMs = Math.min(evaluation.sinceMs, startMs)
      state.lastMs = Math.max(state.lastMs, startMs + everyMs)
      const events = observation.bad ?? observation.count
      if (!isAtRest(state.episode) && startMs >= state.episode.startMs) state.eventCount += events
      if (events > 0) state.samples = withSample(state.samples, observation)
    }
  }

  /** Nothing but a new observation can change anything. */
  #isSettled({ evaluation, episode, fold, earlyMs }: AlertState): boolean {
    const isQuiet = isAtRest(episode) && fold.phase === 'clear' && earlyMs === null && evaluation.buckets.length === 0
    return isQuiet && this.#isEager && this.plan.noData !== 'alert'
  }

  /** Whether it fires as soon as logs show it. Else it waits until no late log can change it. */
  get #isEager(): boolean {
    return this.#evaluation.peek !== undefined
  }

  /** Without logs, the next points say what the last one said. */
  #isConstant({ evaluation, earlyMs, fold, nextMs }: AlertState, { hasData }: Reading): boolean {
    const { memory, sinceMs } = evaluation
    const isWaiting = earlyMs !== null || fold.phase === 'pending' || fold.clearMs !== null
    const isLearning = memory !== null && hasData
    return !isWaiting && !isLearning && nextMs > sinceMs + this.plan.windowMs
  }

  /** As if every point were closed: a night without logs has many. */
  #skip(state: AlertState, closedMs: number): void {
    const { everyMs, graceMs, forgetMs } = this.plan
    const openMs = bucketStart(closedMs - graceMs - everyMs, everyMs) + everyMs
    const forgottenMs = bucketStart(state.lastMs + forgetMs - 1, everyMs)
    state.nextMs = Math.max(state.nextMs, Math.min(openMs, forgottenMs))
  }

  /** Undefined: the point is before the group was known. */
  #close(state: AlertState, pointMs: number, changes: AlertChange[]): Reading | undefined {
    const { evaluation } = state
    const { everyMs, windowMs, watch } = this.plan
    if (pointMs < evaluation.sinceMs) return undefined
    const strictness = watch.by === 'anomaly' ? this.#strictness(alertKey(this.plan, state.group), pointMs) : 1
    const reading = this.#evaluation.close(evaluation, pointMs, strictness)
    state.fold = folded(this.plan, state.fold, reading, pointMs)
    const { phase } = state.fold
    const isDecided =
      phase === 'firing' || (pointMs >= (state.earlyMs ?? Number.POSITIVE_INFINITY) && phase !== 'pending')
    if (isDecided) state.earlyMs = null
    // A source that is far behind may show an alert that was over before this one began: that does not end this one.
    const { status, changeMs } = state.episode
    if (phase === 'clear' && status === 'firing' && changeMs > pointMs) state.earlyMs ??= bucketStart(changeMs, everyMs)
    this.#show(state, reading, pointMs, changes)
    this.#showUpdate(state, reading, pointMs, changes, true)
    forgetBuckets(evaluation.buckets, pointMs + everyMs - windowMs)
    if (!this.#isForgotten(state, pointMs + everyMs)) return reading
    state.isOver = true
    state.fold = clear
    state.earlyMs = null
    this.#show(state, reading, pointMs, changes)
    return reading
  }

  /** Without groups, logs are expected even if none ever came. */
  #isForgotten({ lastMs }: AlertState, timeMs: number): boolean {
    const { definition, read, forgetMs } = this.plan
    const isAlwaysExpected = definition.kind === 'absence' && read.groupBy.length === 0
    return timeMs - lastMs >= forgetMs && !isAlwaysExpected
  }

  /** What the open points say so far can make it fire, and cannot make it be over. */
  #peek(state: AlertState, reachedMs: number, changes: AlertChange[]): void {
    const { evaluation } = state
    const { everyMs } = this.plan
    if (this.#evaluation.peek === undefined) return
    const lastMs = bucketStart(reachedMs, everyMs)
    let { fold } = state
    const firstMs = Math.max(state.nextMs, evaluation.sinceMs, lastMs - openPointsMax * everyMs)
    for (let pointMs = firstMs; pointMs <= lastMs; pointMs += everyMs) {
      const reading = this.#evaluation.peek(evaluation, pointMs)
      fold = folded(this.plan, fold, reading, pointMs)
      if (fold.phase === 'firing' && !state.fold.hasFired && state.earlyMs === null) {
        state.earlyMs = pointMs
        this.#show(state, reading, pointMs, changes, fold)
      } else if (pointMs === lastMs) this.#showUpdate(state, reading, pointMs, changes)
    }
  }

  #show(state: AlertState, reading: Reading, pointMs: number, changes: AlertChange[], fold = state.fold): void {
    const { episode } = state
    const status = statusOf(state)
    if (status === episode.status) return
    checkTransition(episode.status, status)
    const endMs = pointMs + this.plan.everyMs
    const isKnownEarly = this.#isEager && (status === 'pending' || status === 'firing')
    if (isAtRest(episode)) {
      const metMs = fold.metMs ?? pointMs
      const startMs = this.#isEager ? metMs : metMs + this.plan.everyMs
      state.eventCount = this.#eventsSince(state, metMs)
      const { severity, labels } = this.plan
      state.episode = { ...episode, startMs, severity: reading.severity ?? severity, labels }
    }
    this.#emit(state, status as AlertStatus, reading, isKnownEarly ? pointMs : endMs, changes)
  }

  /**
   * A firing alert that got worse: in severity, or twice as far on the side of its limit. Late logs may show that for a
   * point before the last change: it is said when the point is closed.
   */
  #showUpdate(state: AlertState, reading: Reading, pointMs: number, changes: AlertChange[], isClosed = false): void {
    const { status, severity, value, changeMs, startMs } = state.episode
    const timeMs = this.#isEager ? pointMs : pointMs + this.plan.everyMs
    if (status !== 'firing' || !reading.hasData || timeMs < startMs) return
    const isWorse = worstOf(severity, reading.severity) !== severity
    const isNew = isClosed || timeMs > changeMs
    if (!isWorse && !(isNew && this.#isMuchMore(reading.value, value))) return
    // Two changes of an episode with the same status and time are one to those who read them.
    this.#emit(state, 'firing', reading, Math.max(timeMs, changeMs + 1), changes)
  }

  #isMuchMore(value: number, before: number): boolean {
    const size = Math.abs(before)
    return this.plan.firesAbove ? value > before + size : value < before - size / 2
  }

  #emit(state: AlertState, status: AlertStatus, reading: Reading, timeMs: number, changes: AlertChange[]): void {
    const { plan } = this
    const { group, eventCount, episode } = state
    const { startMs, labels } = episode
    const key = alertKey(plan, group)
    const severity = worstOf(episode.severity, reading.severity)
    const { value, threshold, baseline } = reading
    const told = { severity, timeMs, value, threshold, baseline, eventCount }
    state.episode = { status, startMs, severity, value, changeMs: timeMs, labels }
    changes.push({
      key,
      episode: episodeId(key, startMs),
      rule: plan.name,
      group: Object.fromEntries(plan.read.groupBy.map(({ text }, index) => [text, group[index] ?? ''])),
      status,
      startMs,
      ...told,
      ...worded(plan, group, told, reading.found),
      examples: state.samples.filter(([sampleMs]) => sampleMs >= startMs - plan.windowMs).map(([, line]) => line),
      labels,
    })
  }

  #eventsSince({ evaluation }: AlertState, fromMs: number): number {
    const isBad = this.plan.read.bad !== undefined
    return evaluation.buckets
      .filter(({ startMs }) => startMs >= fromMs)
      .reduce((sum, { count, cell }) => sum + (isBad ? (cell as number) : count), 0)
  }
}

/** The status that the next change shows. */
function statusOf({ fold, earlyMs, episode }: AlertState): EpisodeStatus {
  const { phase } = fold
  if (earlyMs !== null) return 'firing'
  if (phase === 'clear') return isAtRest(episode) ? episode.status : 'resolved'
  return phase === 'pending' && episode.status === 'firing' ? 'firing' : phase
}

function worstOf(severity: Severity, other: Severity | null): Severity {
  return other !== null && severities.indexOf(other) > severities.indexOf(severity) ? other : severity
}

/** The newest lines, whatever the order in which they came. */
function withSample(samples: readonly Sample[], { timeMs, sample }: Observation): readonly Sample[] {
  if (sample === undefined) return samples
  const all = [...samples, [timeMs, sample.slice(0, sampleLengthMax)] as const]
  return all.sort((left, right) => left[0] - right[0] || (left[1] < right[1] ? -1 : 1)).slice(-samplesMax)
}
