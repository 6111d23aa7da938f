// The door `millrace/pipelines`: records of an input topic become log documents.
export { type FieldPath, fieldPath } from './field-path.ts'
export { ExactNumber, type Fields, type FieldValue } from './field-value.ts'
export { LogEvent } from './log-event.ts'
export { createLogReader, type LogReader, type LogReaderOptions } from './read-log.ts'
export type { Step, StepKind, StepResult } from './step.ts'
