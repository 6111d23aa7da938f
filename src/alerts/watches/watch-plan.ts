import type { TrainedKind } from '../../detection/index.ts'
import { durationMs } from '../../pipelines/steps/options.ts'
import type { Severity } from '../severity.ts'
import type { TrainingDefinition, WatchDefinition, WatchedKeyDefinition } from './definition.ts'

/** When and from what a model is trained. */
export interface TrainingPlan {
  /** Which model. */
  readonly kind: TrainedKind
  /** Names of the numbers of a record that it judges. */
  readonly features: readonly string[]
  /** How often it is trained, in milliseconds. */
  readonly everyMs: number
  /** From records of so long a time, in milliseconds. */
  readonly overMs: number
  /** Not from fewer records. */
  readonly rowsMin: number
  /** Options of the kind, such as `trees`. */
  readonly options: Readonly<Record<string, number>>
}

/** How the records of a key are judged. */
export interface WatchedKeyPlan {
  /** Of its alerts. */
  readonly severity: Severity
  /** A record is unusual from this score on: 0 is the limit of the model. */
  readonly threshold: number
  /** Of so many records in a row, more than half have to be unusual. */
  readonly patienceVectors: number
  /** After an alert, no other one for so many records. */
  readonly cooldownVectors: number
  /** Null: the worker trains nothing. */
  readonly training: TrainingPlan | null
}

/** A watch whose definition is right, frozen. */
export interface ModelWatch {
  /** Name of the models and of the alerts. */
  readonly name: string
  /** A topic of JSON objects, one per key and window. */
  readonly topic: string
  /** What the key is called in alerts. */
  readonly field: string
  /** Passed on with each alert. */
  readonly labels: Readonly<Record<string, string>>
  /** Addresses by name. */
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
  kind = 'pca',
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
