import {
  type ModelVersion,
  type VectorModel,
  vectorReasonOf,
  type VectorVerdict,
  VectorWatch,
} from '../../detection/index.ts'
import type { AlertChange, AlertStatus } from '../alert-change.ts'
import { episodeId } from '../episodes/alert-key.ts'
import type { Severity } from '../severity.ts'
import type { ModelWatch } from './watch-plan.ts'

/** What a watch keeps of one key. It is JSON. */
export interface WatchState {
  /** The state of the vectors, as base64. */
  readonly vectors: string
  /** The alert that fires; null: none. */
  readonly firing: { readonly startMs: number; readonly severity: Severity; readonly score: number } | null
  /** The time of the last record. */
  readonly lastMs: number
}

/** A record, and what judges it. */
export interface WatchedRecord {
  /** Of the record. */
  readonly key: string
  /** Event time, epoch milliseconds. */
  readonly timeMs: number
  /** Its numbers by name. */
  readonly numbers: Readonly<Record<string, unknown>>
  /** What judges it. */
  readonly model: VectorModel
  /** The version of that model. */
  readonly version: ModelVersion
  /** So many times as far outside it has to lie. */
  readonly strictness: number
}

/** What follows from a record. */
export interface WatchOutcome {
  /** What the watch keeps of the key from now on. */
  readonly state: WatchState
  /** What the model says of the record. */
  readonly verdict: VectorVerdict
  /** Of alerts that begin or end with it. */
  readonly changes: readonly AlertChange[]
}

/** `rates{service="shop"}`: the key of the alert of a watch and a key. */
export function watchAlertKey({ name, field }: ModelWatch, key: string): string {
  return `${name}{${field}=${JSON.stringify(key)}}`
}

/** Judges a record by its model. Depends on nothing but its arguments. */
export function judgeRecord(watch: ModelWatch, before: WatchState | undefined, record: WatchedRecord): WatchOutcome {
  const { key, timeMs, numbers, model, version, strictness } = record
  const { severity, threshold, patienceVectors, cooldownVectors } = watch.planOf(key)
  const { features } = version
  // Whoever published the model has decided that it learned enough.
  const options = { features, threshold, patienceVectors, cooldownVectors, warmUpVectors: 0 }
  const bytes = before === undefined ? null : Buffer.from(before.vectors, 'base64')
  const vectors = VectorWatch.restore(bytes, options, model)
  const values = features.map((name) => numberOf(numbers, name))
  const verdict = vectors.observe(values, timeMs, true, strictness)
  const firing = before?.firing ?? null
  const changes: AlertChange[] = []
  let next = firing
  if (verdict.isAlert && firing === null) {
    next = { startMs: timeMs, severity, score: verdict.score }
    changes.push(judged(watch, record, 'firing', next, verdict))
  } else if (firing !== null && verdict.status === 'scored' && !verdict.isUnusual) {
    next = null
    changes.push(judged(watch, record, 'resolved', firing, verdict))
  }
  const state = { vectors: Buffer.from(vectors.toBytes()).toString('base64'), firing: next, lastMs: timeMs }
  return { state, verdict, changes }
}

/** A member, or a member of a member as `latency.p95`; NaN where it is no number. */
export function numberOf(numbers: Readonly<Record<string, unknown>>, name: string): number {
  const dot = name.indexOf('.')
  const inner = dot === -1 ? undefined : numbers[name.slice(0, dot)]
  const value =
    typeof inner === 'object' && inner !== null
      ? (inner as Record<string, unknown>)[name.slice(dot + 1)]
      : numbers[name]
  return typeof value === 'number' ? value : Number.NaN
}

/**
 * The end of an alert whose key has no records any more; undefined: nothing fires. The state of the key is over with it.
 * @param timeMs When it is ended, epoch milliseconds.
 */
export function endedForSilence(
  watch: ModelWatch,
  key: string,
  { firing, lastMs }: WatchState,
  timeMs: number,
): AlertChange | undefined {
  if (firing === null) return undefined
  const summary = `${key}: no records since ${new Date(lastMs).toISOString()}, nobody knows whether it is over`
  return change(watch, { key, timeMs, firing, status: 'resolved', value: firing.score, summary })
}

function judged(
  watch: ModelWatch,
  { key, timeMs, version, strictness }: WatchedRecord,
  status: AlertStatus,
  firing: NonNullable<WatchState['firing']>,
  verdict: VectorVerdict,
): AlertChange {
  const reason = status === 'resolved' ? 'is usual again' : vectorReasonOf(verdict) || 'is unusual'
  const learned = learnedText(watch, key, version)
  const labelled = strictness === 1 ? '' : `; limit ${Number(strictness.toPrecision(3))} times as far by labels`
  const summary = `${key}: ${reason} (model ${watch.name} version ${version.version}${learned}${labelled})`
  return change(watch, { key, timeMs, firing, status, value: verdict.score, summary })
}

interface ToldChange {
  readonly key: string
  readonly timeMs: number
  readonly firing: NonNullable<WatchState['firing']>
  readonly status: AlertStatus
  readonly value: number
  readonly summary: string
}

function change(watch: ModelWatch, { key, timeMs, firing, status, value, summary }: ToldChange): AlertChange {
  const { name, field, labels, links } = watch
  const { startMs, severity } = firing
  const alert = watchAlertKey(watch, key)
  return {
    key: alert,
    episode: episodeId(alert, startMs),
    rule: name,
    group: { [field]: key },
    status,
    severity,
    startMs,
    timeMs,
    summary,
    value,
    threshold: watch.planOf(key).threshold,
    baseline: null,
    examples: [],
    eventCount: 1,
    links,
    labels,
  }
}

const dayMs = 86_400_000

/** How much the model had to learn from, where that is less than it should have. */
function learnedText({ planOf }: ModelWatch, key: string, { fromMs, untilMs }: ModelVersion): string {
  const overMs = planOf(key).training?.overMs ?? 7 * dayMs
  const learnedMs = untilMs - fromMs
  if (learnedMs >= 0.9 * overMs) return ''
  const unitMs = overMs >= 2 * dayMs ? dayMs : overMs >= 7_200_000 ? 3_600_000 : 60_000
  const unit = { [dayMs]: 'days', 3600000: 'hours', 60000: 'minutes' }[unitMs]
  return `, warming up, ${Math.floor(learnedMs / unitMs)} of ${Number((overMs / unitMs).toPrecision(3))} ${unit}`
}
