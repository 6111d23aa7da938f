import { type Fields, isFields } from '../field-value.ts'
import { fieldsText } from '../fields-text.ts'
import { parseJson } from '../json/parse-json.ts'
import { ecsDocument } from './ecs-document.ts'
import { otelDocument } from './otel-document.ts'

/** In whose names documents are written: the fleet's own, those of the Elastic Common Schema 8, or OpenTelemetry's. */
export const documentShapes = ['fleet', 'ecs', 'otel'] as const
/** One of `documentShapes`. */
export type DocumentShape = (typeof documentShapes)[number]

const shaped: Readonly<Record<Exclude<DocumentShape, 'fleet'>, (log: Fields) => Fields>> = {
  ecs: ecsDocument,
  otel: otelDocument,
}

/** The JSON of a log document in the names of a shape. Numbers stay exact. */
export function shapedText(text: string, shape: DocumentShape): string {
  if (shape === 'fleet') return text
  const [log] = parseJson(text)?.values ?? []
  return isFields(log) ? fieldsText(shaped[shape](log)) : text
}
