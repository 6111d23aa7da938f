// One pipeline over the lines of a file, in one process and on one thread.
import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { createRedactor, fieldsText, pipeline, type StepDefinition } from '../../src/pipelines/index.ts'
import type { Variant } from './millrace.ts'
import type { SourceName } from './peer.ts'

const chunkBytes = 256 * 1024
const newline = 0x0a
/** Of JSON, the members are read by their usual names: nothing has to be named. */
const steps: Readonly<Record<SourceName, readonly StepDefinition[]>> = {
  nginx: [{ preset: { formats: ['apache-combined'] } }],
  syslog: [{ preset: { formats: ['syslog-5424'] } }],
  pino: [],
  spring: [{ preset: { formats: ['spring-boot'] } }],
  sshd: [{ preset: { formats: ['syslog'] } }],
}

const [variant, source, inputFile, outputFile] = process.argv.slice(2) as [Variant, SourceName, string, string]
const definition = { name: 'peers', ...(variant === 'by name' && { format: 'none' as const, steps: steps[source] }) }
const run = pipeline(definition).open()
const redactor = variant === 'auto, redacted' ? createRedactor() : undefined
const receivedMs = Date.now()
const [input, output] = [openSync(inputFile, 'r'), openSync(outputFile, 'w')]
let documents = ''

function read(line: Buffer): void {
  for (const { fields } of run.read(line, receivedMs, 'source') ?? []) {
    redactor?.redactFields(fields)
    // As a worker has it, for logs that name none.
    fields.level ??= 'info'
    documents += `${fieldsText(fields)}\n`
  }
}

let chunk = Buffer.alloc(chunkBytes)
let filled = 0
for (;;) {
  const length = readSync(input, chunk, filled, chunk.length - filled, null)
  if (length === 0) break
  filled += length
  let start = 0
  for (let end = chunk.indexOf(newline); end >= 0 && end < filled; end = chunk.indexOf(newline, start)) {
    read(chunk.subarray(start, end))
    start = end + 1
  }
  writeSync(output, documents)
  documents = ''
  // What is left is the beginning of the next line; the reader may keep parts of the old chunk.
  const next = Buffer.alloc(chunkBytes)
  chunk.copy(next, 0, start, filled)
  chunk = next
  filled -= start
}
closeSync(output)
closeSync(input)
