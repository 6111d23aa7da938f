import { logDocument } from '../../fleet/documents.ts'
import { noHeaders } from '../../src/core/headers.ts'
import { documentShapes } from '../../src/pipelines/index.ts'
import type { SinkRecord } from '../../src/sinks/index.ts'
import { enriching, workerInput } from './worker-steps.ts'
import { type ParseCase, receivedMs } from './parse-case.ts'

const topic = 'logs'
const key = 'web-1'

const records: Readonly<Record<string, string>> = {
  "JSON in the fleet's own shape":
    '{"timestamp":1795507199123,"level":"info","service":"orders","message":"order 7 sent","host":"web-1","durationMs":12}',
  'JSON of pino':
    '{"level":50,"time":1795507199123,"pid":7,"hostname":"web-1","name":"shop","msg":"order failed","orderId":7}',
  'an access line':
    '203.0.113.9 - ann [24/Nov/2026:07:59:58 +0000] "POST /login HTTP/1.1" 200 574 "https://shop.example/" "Mozilla/5.0"',
}

/** From bytes to the document, as the worker does it: read, enriched, redacted, written in the names of each shape. */
export function documentCases(): readonly ParseCase[] {
  return Object.entries(records).flatMap(([name, text]) =>
    documentShapes.map((shape) => {
      const bytes = Buffer.from(text)
      const process = processing(logDocument(shape))
      return { name: `${name}, ${shape}`, bytes: bytes.length, run: () => process(bytes) }
    }),
  )
}

function processing(write: (record: SinkRecord) => string): (bytes: Uint8Array) => void {
  const operator = enriching((value, timestamp) => {
    const record = { topic, partition: 0, offset: 0, sequence: 0, timestamp, key: null, value, headers: noHeaders }
    if (write(record).length === 0) throw new Error('no document was written')
  })
  return (bytes) => operator.process(key, workerInput.deserialize(bytes, topic, noHeaders), receivedMs, noHeaders)
}
