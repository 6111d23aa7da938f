import type { PipelineExample } from './definition.ts'
import { receivedMsOf } from './example-times.ts'
import { fieldAt, fieldPath } from './field-path.ts'
import { type Fields, type FieldValue, newFields } from './field-value.ts'
import { valueText } from './fields-text.ts'
import type { LogEvent } from './log-event.ts'
import type { Pipeline } from './pipeline.ts'
import { isoMs } from './time/iso-time.ts'
import { createRedactor, type Redactor } from './redaction/redact.ts'

/** A field of an example that came out otherwise; `undefined`: there is none. */
export interface ExampleDifference {
  /** Its path. */
  readonly field: string
  /** What the example says. */
  readonly expected: FieldValue | undefined
  /** What the pipeline made. */
  readonly actual: FieldValue | undefined
}

/** An example that was run. */
export interface ExampleResult {
  /** The one that was run. */
  readonly example: PipelineExample
  /** Empty: it is right. */
  readonly differences: readonly ExampleDifference[]
}

const bytesMax = 1024 * 1024

/** What an event holds at the end of a pipeline: its fields, with a time in any case, and the tags of both. Not yet redacted. */
export function finishedFields(event: LogEvent): Fields {
  const fields = Object.assign(newFields(), event.fields)
  fields.timestamp ??= event.receivedMs
  const own = fields.tags ?? []
  const tags = [...(Array.isArray(own) ? (own as FieldValue[]) : [own]), ...event.tags]
  if (tags.length > 0) fields.tags = tags
  return fields
}

/** Runs the examples of a pipeline, each by itself. Throws REDACTION_KEY where a rule hashes and there is no key. */
export function runExamples(pipeline: Pipeline, hashKey?: string): readonly ExampleResult[] {
  const { examples = [] } = pipeline.definition
  const redactor = createRedactor({ rules: pipeline.redaction, hashKey })
  return examples.map((example) => ({ example, differences: differencesOf(pipeline, redactor, example) }))
}

function differencesOf(pipeline: Pipeline, redactor: Redactor, example: PipelineExample): readonly ExampleDifference[] {
  const { input, expect } = example
  const events = pipeline.open({ bytesMax }).read(input, receivedMsOf(example), 'example') ?? []
  const [event] = events
  const shownFields = (finished: LogEvent): Fields => {
    const fields = finishedFields(finished)
    redactor.redactFields(fields)
    return fields
  }
  if (expect === null || event === undefined) {
    if (expect === null && event === undefined) return []
    return [{ field: 'document', expected: expect, actual: event && shownFields(event) }]
  }
  const fields = shownFields(event)
  return Object.entries(expect).flatMap(([field, wanted]) => {
    const actual = fieldAt(fields, fieldPath(field))
    const expected = wanted ?? undefined
    return isExpected(field, actual, expected) ? [] : [{ field, expected, actual }]
  })
}

/** A time may be written in ISO 8601, which people can read. */
function isExpected(field: string, actual: FieldValue | undefined, expected: FieldValue | undefined): boolean {
  if (field === 'timestamp' && typeof expected === 'string')
    return isoMs(expected, 0, expected.length, noReceipt) === actual
  return textOf(actual) === textOf(expected)
}

/** An expected time says its year and its zone. */
const noReceipt = { receivedMs: 0 } as const

function textOf(value: FieldValue | undefined): string {
  return value === undefined ? '' : valueText(value)
}
