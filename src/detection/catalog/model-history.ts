import { MillraceError } from '../../core/errors.ts'
import { readTrainedModel, type TrainedModel, unreadable } from './trained-model.ts'

/** A model as one version of its history. */
export interface ModelVersion extends TrainedModel {
  /** From 1, never given twice. */
  readonly version: number
}

/** From when on which version is used. */
export interface ModelUse {
  /** Which version. */
  readonly version: number
  /** Points of this event time and later are judged by it, epoch milliseconds. */
  readonly fromMs: number
  /** Who decided it. */
  readonly by: string
  /** Why: `published`, `chosen` or `rolled back`. */
  readonly why: 'published' | 'chosen' | 'rolled back'
}

/**
 * All that is known of the models of one name and key: one record of the topic of models. It is JSON.
 * Which version judges a point depends on the time of the point, so that a replay judges as the first run did.
 */
export interface ModelHistory {
  /** What the models are for, such as `rates`. */
  readonly name: string
  /** Whose they are, such as a service; `*`: of every key without one of its own. */
  readonly key: string
  /** Oldest first, at most 8, and 4 MiB of bytes together. */
  readonly versions: readonly ModelVersion[]
  /** Oldest first. The last one is the current one. */
  readonly uses: readonly ModelUse[]
}

/** Who changes a history, and when. */
export interface ModelActor {
  /** Epoch milliseconds. */
  readonly nowMs: number
  /** A person or a worker. */
  readonly by: string
}

const versionsMax = 8
const usesMax = 32
/** Base64 characters of all versions together. A record of the topic has room for 8 MiB. */
const bytesMax = 4 * 1024 * 1024
/** The key of models for all keys that have none of their own. */
export const anyKey = '*'

/** `rates/shop`: the key of the record, and what commands call it. */
export function modelId({ name, key }: Pick<ModelHistory, 'name' | 'key'>): string {
  return `${name}/${key}`
}

/** Name and key of `rates/shop`; the key may have slashes. Throws ILLEGAL_ARGUMENT. */
export function parseModelId(id: string): Pick<ModelHistory, 'name' | 'key'> {
  const [, name, key] = /^([a-z0-9][a-z0-9-]{0,62})\/(.{1,200})$/s.exec(id) ?? []
  if (name !== undefined && key !== undefined) return { name, key }
  throw illegal(
    `the model '${id}' has no name and key: write NAME/KEY, such as rates/shop, or rates/${anyKey} for all keys`,
  )
}

/** The history with one more version, which is used from now on. Throws MODEL_TOO_LARGE. */
export function withVersion(
  id: Pick<ModelHistory, 'name' | 'key'>,
  history: ModelHistory | undefined,
  model: TrainedModel,
  actor: ModelActor,
): ModelHistory {
  if (model.bytes.length > bytesMax) {
    const sentence = `the model has ${model.bytes.length} characters of base64, and ${bytesMax} fit: train it with fewer trees, leaves or hidden numbers`
    throw new MillraceError('MODEL_TOO_LARGE', 'fatal', sentence)
  }
  const version = Math.max(0, ...(history?.versions ?? []).map((one) => one.version)) + 1
  const next = { ...id, versions: [...(history?.versions ?? []), { ...model, version }], uses: history?.uses ?? [] }
  return withoutOldest(used(next, version, actor, 'published'))
}

/** The history in which this version is used from now on. Throws ILLEGAL_ARGUMENT where it is not kept. */
export function using(history: ModelHistory, version: number, actor: ModelActor): ModelHistory {
  if (history.versions.some((one) => one.version === version)) return used(history, version, actor, 'chosen')
  const kept = history.versions.map((one) => one.version).join(', ')
  throw illegal(`${modelId(history)} has no version ${version}: choose one of ${kept}`)
}

/** The history in which the version before the current one is used. Throws ILLEGAL_ARGUMENT where there is none. */
export function rolledBack(history: ModelHistory, actor: ModelActor): ModelHistory {
  const current = currentVersion(history)?.version ?? Number.POSITIVE_INFINITY
  const before = history.versions.filter(({ version }) => version < current).at(-1)
  if (before !== undefined) return used(history, before.version, actor, 'rolled back')
  throw illegal(
    `${modelId(history)} has no version before ${current}: choose another one with millrace detect use ${modelId(history)}`,
  )
}

/** The version that is used now. */
export function currentVersion({ versions, uses }: ModelHistory): ModelVersion | undefined {
  return versions.find(({ version }) => version === uses.at(-1)?.version)
}

/** The version that judges points of this event time; undefined: none did, or it is not kept any longer. */
export function versionAt({ versions, uses }: ModelHistory, timeMs: number): ModelVersion | undefined {
  const use = uses.findLast(({ fromMs }) => fromMs <= timeMs)
  return use && versions.find(({ version }) => version === use.version)
}

/** The value of a record of the topic. Throws MODEL_UNREADABLE with what cannot be used. */
export function readModelHistory(value: unknown): ModelHistory {
  const { name, key, versions, uses } = (value ?? {}) as Partial<Record<keyof ModelHistory, unknown>>
  const isNamed = typeof name === 'string' && typeof key === 'string'
  if (!isNamed || !Array.isArray(versions) || !Array.isArray(uses) || !uses.every(isUse))
    throw unreadable(
      'the record is no history of models, its name, key, versions or uses cannot be used: publish the model again',
    )
  for (const version of versions as readonly unknown[]) {
    const { version: number } = readTrainedModel(version, `a version of ${name}/${key}`) as ModelVersion
    if (!Number.isSafeInteger(number)) throw unreadable(`a version of ${name}/${key} has no number: publish it again`)
  }
  return value as ModelHistory
}

function isUse(value: unknown): boolean {
  const { version, fromMs, by, why } = (value ?? {}) as Partial<Record<keyof ModelUse, unknown>>
  return Number.isSafeInteger(version) && Number.isFinite(fromMs) && typeof by === 'string' && typeof why === 'string'
}

function used(history: ModelHistory, version: number, { nowMs, by }: ModelActor, why: ModelUse['why']): ModelHistory {
  // Clocks of several writers differ: the order of uses is that in which they were decided.
  const fromMs = Math.max(nowMs, (history.uses.at(-1)?.fromMs ?? Number.NEGATIVE_INFINITY) + 1)
  return { ...history, uses: [...history.uses, { version, fromMs, by, why }].slice(-usesMax) }
}

/** The oldest versions make room, never the current one. */
function withoutOldest(history: ModelHistory): ModelHistory {
  const current = currentVersion(history)
  let versions = history.versions
  const size = (): number => versions.reduce((sum, { bytes }) => sum + bytes.length, 0)
  while (versions.length > versionsMax || size() > bytesMax) {
    const oldest = versions.find((one) => one !== current)
    versions = versions.filter((one) => one !== oldest)
  }
  return { ...history, versions }
}

function illegal(sentence: string): MillraceError {
  return new MillraceError('ILLEGAL_ARGUMENT', 'fatal', sentence)
}
