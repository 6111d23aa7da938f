import { dayMs } from '../../core/calendar.ts'

/** What a person said of an alert. */
export interface AlertLabel {
  /** When it was said, epoch milliseconds. Points of this event time and later are judged by it. */
  readonly timeMs: number
  /** Whether the alert told of something that was worth an alert. */
  readonly isRight: boolean
  /** Who said it. */
  readonly by: string
}

/** What was said of the alerts of one key: a record of the topic of labels. It is JSON. */
export interface AlertLabels {
  /** The key of the alert. */
  readonly key: string
  /** Oldest first, at most 32. */
  readonly labels: readonly AlertLabel[]
}

const labelsMax = 32
const wrongStep = Math.log(1.5)
const rightStep = -Math.log(1.2)
const halfLifeMs = 14 * dayMs
const [stepsLeast, stepsMost] = [-Math.log(2), Math.log(4)]

/** The labels with one more; the oldest ones make room. */
export function withLabel(key: string, labels: AlertLabels | undefined, label: AlertLabel): AlertLabels {
  return { key, labels: [...(labels?.labels ?? []), label].slice(-labelsMax) }
}

/**
 * How many times as far outside a point of this event time has to lie as without labels: 0.5 to 4. An alert that was
 * wrong asks for 1.5 times as far, one that was right for 1.2 times less, and half of that is forgotten in 14 days. It
 * depends on nothing but labels and the time of the point.
 */
export function strictnessAt(labels: AlertLabels | undefined, timeMs: number): number {
  let sum = 0
  for (const label of labels?.labels ?? []) {
    if (label.timeMs > timeMs) continue
    sum += (label.isRight ? rightStep : wrongStep) * 0.5 ** ((timeMs - label.timeMs) / halfLifeMs)
  }
  return Math.exp(Math.max(stepsLeast, Math.min(stepsMost, sum)))
}

/** The value of a record of the topic; undefined: it is no such thing. */
export function readLabels(value: unknown): AlertLabels | undefined {
  const { key, labels } = (value ?? {}) as Partial<Record<keyof AlertLabels, unknown>>
  return typeof key === 'string' && Array.isArray(labels) && labels.every(isLabel) ? (value as AlertLabels) : undefined
}

function isLabel(value: unknown): boolean {
  const { timeMs, isRight, by } = (value ?? {}) as Partial<Record<keyof AlertLabel, unknown>>
  return Number.isFinite(timeMs) && typeof isRight === 'boolean' && typeof by === 'string'
}
