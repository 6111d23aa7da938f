import type { Bytes } from '../core/bytes.ts'
import { type Condition, compileCondition } from './conditions/condition.ts'
import type { PipelineDefinition, StepDefinition } from './definition.ts'
import type { LogEvent } from './log-event.ts'
import { at, each, PipelineMistake, together } from './mistake.ts'
import { type RedactionRule, redactionRules, rulesOfTexts } from './redaction/rules.ts'
import { SecretNames } from './redaction/secret-names.ts'
import { createLogReader, type LogReader, type LogReaderOptions } from './read-log.ts'
import type { Step, StepKind } from './step.ts'
import { checkZone } from './steps/options.ts'
import { stepKinds, type StepName } from './steps/step-kinds.ts'
import type { ShownField } from './template.ts'

/** A pipeline whose definition is right. */
export interface Pipeline {
  /** What it was made of. */
  readonly definition: PipelineDefinition
  /** It only reads: logs that are in the fleet's own shape need nothing of it. */
  readonly onlyReads: boolean
  /** What `createRedactor` hides in its finished events. */
  readonly redaction: readonly RedactionRule[]
  /** One per task: hints of formats and the counts of steps are kept in it. */
  open(options?: PipelineRunOptions): PipelineRun
}

/** How a pipeline is run. */
export interface PipelineRunOptions extends LogReaderOptions {
  /** Is told of what steps do. Default: nobody is. */
  readonly observer?: PipelineObserver
}

/** Is told of what a pipeline does not pass on as it is. */
export interface PipelineObserver {
  /**
   * A step has removed the event. `key` is what the step counts by, its source for most. Fields whose name a rule of the
   * redaction hides are hidden in it; their texts are as they came.
   */
  removed?(step: string, key: string, event: LogEvent): void
  /** A step could not do what it is for. The event continues. */
  failed?(step: string, event: LogEvent): void
  /** A step was applied. */
  applied?(step: string, event: LogEvent): void
}

/** A pipeline at work, with the state of its steps: one per task. */
export interface PipelineRun {
  /**
   * The events that a record becomes. Undefined: the record is no text at all. An empty list: steps have removed them.
   */
  read(record: Bytes | string, receivedMs: number, source: string): readonly LogEvent[] | undefined
}

interface ConditionalStep {
  readonly name: string
  readonly step: Step
  readonly meets: Condition | undefined
  readonly tagOnFailure: string | undefined
}

/** A pipeline from code. Throws a PipelineMistake that names all mistakes; for those of a file, the loader names the line. */
export function pipeline(definition: PipelineDefinition): Pipeline {
  const { steps = [], zone, format = 'auto', redaction } = definition
  const rules = redactionRules(redaction)
  const [, compiled] = together(
    () => checkZone(zone, 'zone'),
    () => each(steps, (step, index) => compileStep(step, ['steps', index])),
  )
  return Object.freeze({
    definition,
    // Rules for named fields look at fields; own shapes are redacted as a text.
    onlyReads: steps.length === 0 && rules.every(({ fields }) => fields === undefined),
    redaction: rules,
    open({ observer = {}, ...options } = {}) {
      const ofTask = compiled.map(({ step, ...others }) => ({ ...others, step: step.forTask?.() ?? step }))
      const reader = createLogReader({ format, ...(zone !== undefined && { zone }), ...options })
      return runOf(reader, ofTask, observer, hiddenByName(rules))
    },
  })
}

/** The value of a field alone does not tell a redactor that it is secret: its name is known only here. */
function hiddenByName(rules: readonly RedactionRule[]): ShownField {
  const names = new SecretNames(rulesOfTexts(rules))
  return (path, text) => {
    const rule = path.names.map((name) => names.ruleOf(name)).find((number) => number >= 0)
    return rule === undefined ? text : `[redacted:${rules[rule]?.name}]`
  }
}

function runOf(
  reader: LogReader,
  steps: readonly ConditionalStep[],
  observer: PipelineObserver,
  shown: ShownField,
): PipelineRun {
  return {
    read(record, receivedMs, source) {
      const events = reader.read(record, receivedMs, source)
      if (events.length === 0) return undefined
      const kept = steps.length === 0 ? events : events.filter((event) => passes(event, steps, observer, shown))
      for (const event of kept) reader.finish(event)
      return kept
    },
  }
}

function passes(
  event: LogEvent,
  steps: readonly ConditionalStep[],
  observer: PipelineObserver,
  shown: ShownField,
): boolean {
  for (const { name, step, meets, tagOnFailure } of steps) {
    if (meets !== undefined && !meets(event)) continue
    const result = step.apply(event)
    observer.applied?.(name, event)
    if (result === 'dropped') {
      observer.removed?.(name, step.keyOf?.(event, shown) ?? event.source, event)
      return false
    }
    if (result === 'failed') {
      event.tag('_parse_failure')
      if (tagOnFailure !== undefined) event.tag(tagOnFailure)
      observer.failed?.(name, event)
    }
  }
  return true
}

/** Throws a PipelineMistake whose path begins with `place`. */
export function compileStep(definition: StepDefinition, place: readonly (string | number)[]): ConditionalStep {
  const kind = kindOf(definition, place)
  const { when } = definition
  const [meets, step] = together(
    () => (when === undefined ? undefined : at([...place, 'when'], () => compileCondition(when))),
    () => at([...place, kind], () => (stepKinds[kind] as StepKind<unknown>).compile(definition[kind])),
  )
  return { name: definition.name ?? kind, step, meets, tagOnFailure: definition.tagOnFailure }
}

function kindOf(definition: StepDefinition, place: readonly (string | number)[]): StepName {
  const kinds = Object.keys(definition).filter((name): name is StepName => Object.hasOwn(stepKinds, name))
  const [kind] = kinds
  if (kind !== undefined && kinds.length === 1) return kind
  const found = kinds.length === 0 ? 'names no kind' : `names ${kinds.join(' and ')}`
  throw new PipelineMistake(`a step ${found}: write one kind for each step`, ...place)
}
