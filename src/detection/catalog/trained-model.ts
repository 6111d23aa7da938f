import { MillraceError } from '../../core/errors.ts'

/** The kinds of models that can be trained from rows and stored. */
export const trainedKinds = ['pca', 'forest', 'autoencoder', 'crossing', 'series'] as const
/** One of `trainedKinds`. */
export type TrainedKind = (typeof trainedKinds)[number]

/** A model with what has to be known to use it. It is JSON, in a file or as a version in a topic. */
export interface TrainedModel {
  /** What it is. */
  readonly kind: TrainedKind
  /** What the numbers of its rows are called, in their order. */
  readonly features: readonly string[]
  /** Distance of two rows, in milliseconds. */
  readonly intervalMs: number
  /** What it was trained with, such as `trees` or `limit`. */
  readonly options: Readonly<Record<string, number | string>>
  /** The time of the first row, epoch milliseconds. */
  readonly fromMs: number
  /** The time of the last row, epoch milliseconds. */
  readonly untilMs: number
  /** How many rows there were. */
  readonly rows: number
  /** What it showed in its training, by name. */
  readonly figures: Readonly<Record<string, number>>
  /** When it was trained, epoch milliseconds. */
  readonly trainedMs: number
  /** The model as base64. */
  readonly bytes: string
}

const isText = (value: unknown): boolean => typeof value === 'string'
const isTime = (value: unknown): boolean => Number.isFinite(value)
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

const checks: Readonly<Record<keyof TrainedModel, (value: unknown) => boolean>> = {
  kind: (value) => (trainedKinds as readonly unknown[]).includes(value),
  features: (value) => Array.isArray(value) && isNames(value),
  intervalMs: (value) => isTime(value) && (value as number) > 0,
  options: (value) => isRecordOf(value, (one) => isText(one) || isTime(one)),
  fromMs: isTime,
  untilMs: isTime,
  rows: isCount,
  figures: (value) => isRecordOf(value, isTime),
  trainedMs: isTime,
  bytes: (value) => isText(value) && value !== '',
}

/** The value as a model, without looking into its bytes. Throws MODEL_UNREADABLE with the members that cannot be used. */
export function readTrainedModel(value: unknown, what = 'the value'): TrainedModel {
  const members = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>
  const wrong = Object.entries(checks).filter(([name, isRight]) => !isRight(members[name]))
  if (wrong.length === 0) return value as TrainedModel
  const names = wrong.map(([name]) => name).join(', ')
  throw unreadable(`${what} is no model, its ${names} cannot be used: write it with millrace detect train`)
}

/** An error of the code MODEL_UNREADABLE. */
export function unreadable(sentence: string): MillraceError {
  return new MillraceError('MODEL_UNREADABLE', 'fatal', sentence)
}

/** Each number of a vector has a name of its own. */
function isNames(values: readonly unknown[]): boolean {
  return values.length > 0 && values.every(isText) && new Set(values).size === values.length
}

function isRecordOf(value: unknown, isRight: (one: unknown) => boolean): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((one) => isRight(one))
  )
}
