import type { FieldValue } from './field-value.ts'
import type { RedactionDefinition } from './redaction/rules.ts'
import type { OptionsOf, StepName } from './steps/step-kinds.ts'

/**
 * One step: its kind with its options, and the condition under which it is applied. A branch has `steps` in place of a
 * kind: `{ when: "level == 'error'", steps: [{ mutate: { tag: 'bad' } }], else: [{ drop: {} }] }`.
 */
export type StepDefinition = {
  readonly [Name in StepName]?: OptionsOf<Name>
} & {
  /** A condition over fields, such as `level >= 'error' and service in ['a', 'b']`. Without one: always. */
  readonly when?: string
  /** What counters and `pipeline try` call it. Default: the name of its kind; of a branch its condition. */
  readonly name?: string
  /** A tag, besides `_parse_failure`, of events with which the step cannot do its work. */
  readonly tagOnFailure?: string
  /** Applied to the events that meet `when`, which is looked at once: what these steps change is not asked again. */
  readonly steps?: readonly StepDefinition[]
  /** Applied to all other events. */
  readonly else?: readonly StepDefinition[]
}

/** An input with what has to come out of it: `millrace pipeline test` runs them. */
export interface PipelineExample {
  /** What it shows. Default: the beginning of its input. */
  readonly name?: string
  /** The record as text. */
  readonly input: string
  /** When Kafka received it, as ISO text. */
  readonly receivedAt?: string
  /** Members that the document has, by path; `null`: the document has no such field. Null in place of all: no document. */
  readonly expect: Readonly<Record<string, FieldValue>> | null
}

/** The formats that a pipeline may name. */
export const pipelineFormats = ['auto', 'none'] as const
/** One of `pipelineFormats`: see `PipelineDefinition.format`. */
export type PipelineFormat = (typeof pipelineFormats)[number]

/** A pipeline as data, from a file or from code. */
export interface PipelineDefinition {
  /** What counters, log lines and errors call it. */
  readonly name: string
  /**
   * What the steps find. `auto`: the record was read, whatever logger or shipper wrote it, and its fields have the names of
   * a document. `none`: the members of JSON as they came, any other record as `message`; time, level and the others get
   * their names after the last step. Default `auto`.
   */
  readonly format?: PipelineFormat
  /** Zone of times that name none: `Europe/Berlin`, `+02:00`. Default UTC. */
  readonly zone?: string
  /** Whether lines of a stack trace become one document. Default true. */
  readonly joinLines?: boolean
  /** Applied in this order to what was read from a record. */
  readonly steps?: readonly StepDefinition[]
  /** What is hidden in its events after the steps. Default: the rules of `defaultRedaction`. */
  readonly redaction?: RedactionDefinition
  /** What `millrace pipeline test` runs. */
  readonly examples?: readonly PipelineExample[]
}
