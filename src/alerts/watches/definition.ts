import type { Severity } from '../severity.ts'
import type { Duration } from '../rules/definition.ts'

/** How models are trained by the worker. */
export interface TrainingDefinition {
  /** Which model. Default `pca`. */
  readonly kind?: 'pca' | 'forest' | 'autoencoder'
  /** Names of the numbers of a record that it judges, such as `total`. */
  readonly features: readonly string[]
  /** How often. Default `24h`. */
  readonly every?: Duration
  /** From records of so long a time. Default `7d`. */
  readonly over?: Duration
  /** Not from fewer records. Default 300. */
  readonly least?: number
  /** Options of the kind, such as `trees`. */
  readonly options?: Readonly<Record<string, number>>
}

/** What may differ from key to key. */
export interface WatchedKeyDefinition {
  /** Of its alerts. Default `medium`. */
  readonly severity?: Severity
  /** A record is unusual from this score on: 0 is the limit of the model, 0.95 is four times as far. Default 0. */
  readonly threshold?: number
  /** Of so many records in a row, more than half have to be unusual. Default 5. */
  readonly patience?: number
  /** After an alert, no other one for so many records. Default 288. */
  readonly cooldown?: number
  /** Absent: the worker trains nothing, and uses what `millrace detect train` publishes. */
  readonly train?: TrainingDefinition
}

/** Records of a topic whose numbers are judged together by models. */
export interface WatchDefinition extends WatchedKeyDefinition {
  /** Name of the models and of the alerts, such as `rates`. */
  readonly name: string
  /** A topic of JSON objects, one per key and window, such as `fastmcp-error-rates`. */
  readonly topic: string
  /** What the key is called in alerts. Default `service`. */
  readonly field?: string
  /** Passed on with each alert. */
  readonly labels?: Readonly<Record<string, string>>
  /** Addresses by name. */
  readonly links?: Readonly<Record<string, string>>
  /** Other settings of some keys. */
  readonly keys?: Readonly<Record<string, WatchedKeyDefinition>>
}

/** What a file of watches holds. */
export interface WatchFile {
  /** One or more; each has a name of its own. */
  readonly watches: readonly WatchDefinition[]
}
