import type { Bytes } from '../core/bytes.ts'
import { compileSteps, routesIn } from './compile-steps.ts'
import type { PipelineDefinition } from './definition.ts'
import { checkTimes } from './example-times.ts'
import type { LogEvent } from './log-event.ts'
import { together } from './mistake.ts'
import type { PipelineObserver } from './pipeline-observer.ts'
import { type RedactionRule, redactionRules, rulesOfTexts } from './redaction/rules.ts'
import { SecretNames } from './redaction/secret-names.ts'
import { createLogReader, type LogReader, type LogReaderOptions } from './read-log.ts'
import { passesAll, type RunningStep, type StepAudience } from './running-steps.ts'
import { checkZone } from './steps/options.ts'
import type { ShownField } from './template.ts'

/** A pipeline whose definition is right. */
export interface Pipeline {
  /** What it was made of. */
  readonly definition: PipelineDefinition
  /** It only reads: logs that are in the fleet's own shape need nothing of it. */
  readonly onlyReads: boolean
  /** The names that its steps `route` give. */
  readonly routes: ReadonlySet<string>
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

/** A pipeline at work, with the state of its steps: one per task. */
export interface PipelineRun {
  /**
   * The events that a record becomes. Undefined: the record is no text at all. An empty list: steps have removed them.
   */
  read(record: Bytes | string, receivedMs: number, source: string): readonly LogEvent[] | undefined
}

/** A pipeline from code. Throws a PipelineMistake that names all mistakes; for those of a file, the loader names the line. */
export function pipeline(definition: PipelineDefinition): Pipeline {
  const { steps = [], zone, format = 'auto', redaction, examples = [] } = definition
  const rules = redactionRules(redaction)
  const [, compiled] = together(
    () => checkZone(zone, 'zone'),
    () => compileSteps(steps, ['steps']),
    () => checkTimes(examples),
  )
  return Object.freeze({
    definition,
    // Rules for named fields look at fields; own shapes are redacted as a text.
    onlyReads: steps.length === 0 && rules.every(({ fields }) => fields === undefined),
    routes: new Set(routesIn(steps)),
    redaction: rules,
    open({ observer = {}, ...options } = {}) {
      const ofTask = compiled.map((step) => step.forTask())
      const reader = createLogReader({ format, ...(zone !== undefined && { zone }), ...options })
      return runOf(reader, ofTask, { observer, shown: hiddenByName(rules) })
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

function runOf(reader: LogReader, steps: readonly RunningStep[], audience: StepAudience): PipelineRun {
  return {
    read(record, receivedMs, source) {
      const events = reader.read(record, receivedMs, source)
      if (events.length === 0) return undefined
      const kept = steps.length === 0 ? events : events.filter((event) => passesAll(steps, event, audience))
      for (const event of kept) reader.finish(event)
      return kept
    },
  }
}
