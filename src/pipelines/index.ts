// The door `millrace/pipelines`: records of an input topic become log documents.
export { jsonPlaces, JsonScanner } from '../core/json/json-scanner.ts'
export { type DocumentShape, documentShapes, shapedText } from './documents/document-shape.ts'
export type { PipelineDefinition, PipelineExample, PipelineFormat, StepDefinition } from './definition.ts'
export { type ExampleDifference, type ExampleResult, finishedFields, runExamples } from './examples.ts'
export { fieldAt, type FieldPath, fieldPath } from './field-path.ts'
export { ExactNumber, type Fields, type FieldValue, isFields, newFields } from './field-value.ts'
export { fieldsText } from './fields-text.ts'
export { type JsonValues, parseJson } from './json/parse-json.ts'
export { type Level, levelOf } from './levels/level.ts'
export { LogEvent } from './log-event.ts'
export type { SeenFields } from './conditions/seen-fields.ts'
export {
  type ImportedPipeline,
  importedPipeline,
  type ImportSource,
  importSources,
} from './import/import-pipeline.ts'
export type { NotConverted } from './import/blocks.ts'
export { loadPipeline, PipelineFileError } from './load/load-pipeline.ts'
export { pipelineSchema } from './load/pipeline-schema.ts'
export type { FileMistake } from './load/yaml-file.ts'
export { PipelineMistake } from './mistake.ts'
export { type Pipeline, pipeline, type PipelineRun, type PipelineRunOptions } from './pipeline.ts'
export type { PipelineObserver } from './pipeline-observer.ts'
export { createLogReader, type LogReader, type LogReaderOptions } from './read-log.ts'
export { serviceOf } from './services/service-of.ts'
export type { Step, StepKind, StepResult } from './step.ts'
export { epochOf } from './time/epoch.ts'
export { isoMs } from './time/iso-time.ts'
export { parseTime } from './time/parse-time.ts'
export type { TimeContext } from './time/time-context.ts'
export { failedLogin } from './logins/failed-login.ts'
export type { FailedLogin, LoginLog } from './logins/login-log.ts'
export type { SignWindows } from './redaction/first-look.ts'
export type { TextChanges } from './redaction/masks.ts'
export { createRedactor, type Redactor } from './redaction/redact.ts'
export { SignPlaces } from './redaction/sign-places.ts'
export {
  type DetectorName,
  defaultRedaction,
  type RedactionAction,
  type RedactionDefinition,
  type RedactionRule,
  type RedactionRules,
  unreadMask,
} from './redaction/rules.ts'
export { type TextParts } from './redaction/text-scanner.ts'
