// `npm run bench -- parse [name]`: processor time per record of the way from bytes to events, for each preset of text that
// has a case in test/data/logcases, for JSON, and for each step that reads a text.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createLogReader, LogEvent, type StepDefinition } from '../src/pipelines/index.ts'
import { compileStep } from '../src/pipelines/pipeline.ts'
import { readCases } from './logcases/log-case.ts'

const [only = ''] = process.argv.slice(2)
const records = 5000
const rounds = 5
const receivedMs = Date.parse('2026-11-24T08:00:01Z')
const folder = join(process.cwd(), 'test/data/logcases')

/** The best of some rounds: nanoseconds of the processor per record. */
function measure(run: () => void): number {
  let bestNs = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage()
    for (let index = 0; index < records; index++) run()
    const { user, system } = process.cpuUsage(before)
    bestNs = Math.min(bestNs, ((user + system) * 1000) / records)
  }
  return bestNs
}

function print(name: string, bytes: number, run: () => void): void {
  if (!name.includes(only)) return
  process.stdout.write(
    `${name.padEnd(36)} ${String(bytes).padStart(6)} bytes ${measure(run).toFixed(0).padStart(8)} ns\n`,
  )
}

/** Records of one source, as a task reads them. */
function reading(record: Buffer): () => void {
  const reader = createLogReader()
  return () => {
    reader.read(record, receivedMs, 'source')
  }
}

const seen = new Set<string>()
for (const { source, input } of readdirSync(folder).flatMap((name) => readCases(join(folder, name)))) {
  const name = source.slice(source.indexOf(':') + 1)
  if (seen.has(name)) continue
  seen.add(name)
  const record = Buffer.from(String(input))
  print(`read ${name}`, record.length, reading(record))
}
for (const [name, text] of [
  ['no known form', 'the quick brown fox jumps over the lazy dog and is gone'],
  ['no known form with a time', '2026-11-24 07:59:59 the quick brown fox jumps over the lazy dog'],
  ['a frame of a stack trace', '\tat com.example.shop.Cart.add(Cart.java:117)'],
] as const) {
  print(`read ${name}`, text.length, reading(Buffer.from(text)))
}

const access =
  '192.0.2.7 - bob [24/Nov/2026:07:59:59 +0000] "GET /a?b=c HTTP/1.1" 200 1234 "https://shop.example.com/" "curl/8"'
const steps: readonly (readonly [string, StepDefinition, string])[] = [
  ['grok COMBINEDAPACHELOG', { grok: { match: '%{COMBINEDAPACHELOG}' } }, access],
  ['grok, no match', { grok: { match: '%{COMBINEDAPACHELOG}' } }, 'the quick brown fox'],
  ['dissect', { dissect: { mapping: '%{ip} %{} %{user} [%{time}] "%{request}" %{status} %{rest}' } }, access],
  ['kv', { kv: {} }, 'ts=2026-11-24T07:59:59Z level=error msg="it broke" user=bob n=17'],
  ['csv', { csv: { columns: ['a', 'b', 'c', 'd'] } }, '1,"two, three",4,five'],
  ['cef', { cef: {} }, 'CEF:0|Acme|Gate|1.0|100|worm stopped|10|src=192.0.2.1 dst=192.0.2.2 msg=a worm'],
  ['xml', { xml: {} }, '<Event><Id>7</Id><Data Name="user">bob</Data><Data Name="host">h</Data></Event>'],
  ['syslog', { syslog: {} }, 'Nov 24 07:59:59 gate sshd[811]: Accepted publickey for bob from 192.0.2.7'],
  ['access', { access: {} }, access],
]
for (const [name, definition, text] of steps) {
  const { step } = compileStep(definition, [])
  print(`step ${name}`, text.length, () => {
    const event = new LogEvent(text, receivedMs, 'source')
    event.fields.message = text
    step.apply(event)
  })
}
