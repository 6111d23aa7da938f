import type { TrainedKind } from '../../detection/index.ts'
import { durationMs } from '../../pipelines/steps/options.ts'
import type { Severity } from '../severity.ts'
import type { TrainingDefinition, WatchDefinition, WatchedKeyDefinition } from './definition.ts'

/** When and from what a model is trained. */
export interface TrainingPlan {
  readonly kind: TrainedKind
  readonly features: readonly string[]
  readonly everyMs: number
  readonly overMs: number
  readonly rowsMin: number
  readonly options: Readonly<Record<string, number>>
}

/** How the records of a key are judged. */
export interface WatchedKeyPlan {
  readonly severity: Severity
  readonly threshold: number
  readonly patienceVectors: number
  readonly cooldownVectors: number
  /** Null: the worker trains nothing. */
  readonly training: TrainingPlan | null
}

/** A watch whose definition is right, frozen. */
export interface ModelWatch {
  readonly name: string
  readonly topic: string
  readonly field: string
  readonly labels: Readonly<Record<string, string>>
  readonly links: Readonly<Record<string, string>>
  /** The longest time that any of its models is trained from; 0: none is. */
  readonly overMs: number
  /** The settings of a key. */
  readonly planOf: (key: string) => WatchedKeyPlan
}

/** The plan of a definition without mistakes. */
export function watchPlan(definition: WatchDefinition): ModelWatch {
  const { name, topic, field = 'service', labels = {}, links = {}, keys = {} } = definition
  const usual = keyPlan(definition)
  const plans = new Map(Object.entries(keys).map(([key, own]) => [key, keyPlan({ ...definition, ...own })]))
  const periods = [usual, ...plans.values()].map(({ training }) => training?.overMs ?? 0)
  return Object.freeze({
    name,
    topic,
    field,
    labels: Object.freeze({ ...labels }),
    links: Object.freeze({ ...links }),
    overMs: Math.max(...periods),
    planOf: (key: string) => plans.get(key) ?? usual,
  })
}

function keyPlan(definition: WatchedKeyDefinition): WatchedKeyPlan {
  const { severity = 'medium', threshold = 0, patience = 5, cooldown = 288, train } = definition
  return Object.freeze({
    severity,
    threshold,
    patienceVectors: patience,
    cooldownVectors: cooldown,
    training: train === undefined ? null : trainingPlan(train),
  })
}

function trainingPlan({
  kind = 'forest',
  features,
  every = '24h',
  over = '7d',
  least = 300,
  options = {},
}: TrainingDefinition): TrainingPlan {
  return Object.freeze({
    kind,
    features: Object.freeze([...features]),
    everyMs: durationMs(every),
    overMs: durationMs(over),
    rowsMin: least,
    options: Object.freeze({ ...options }),
  })
}
