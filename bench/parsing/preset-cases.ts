import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLogReader } from '../../src/pipelines/index.ts'
import { readCases } from '../logcases/log-case.ts'
import { type ParseCase, receivedMs } from './parse-case.ts'

const data = join(process.cwd(), 'test/data')
const formatTag = 'format:'

/** From bytes to events, as a task reads a record. The reader remembers formats by source: a new one has to be looked at. */
function readCase(name: string, record: Buffer): ParseCase {
  const reader = createLogReader()
  let sources = 0
  return {
    name,
    bytes: record.length,
    run: () => void reader.read(record, receivedMs, 'source'),
    runNewSource: () => void reader.read(record, receivedMs, `source ${sources++}`),
  }
}

/** What `format: auto` took a text for. */
function formatOf(text: string): string | undefined {
  const [event] = createLogReader().read(text, receivedMs, 'source')
  return event?.tags.find((tag) => tag.startsWith(formatTag))?.slice(formatTag.length)
}

/** One line for each preset that a line of test/data/logcases is of: a test makes sure that each preset has one. */
export function textPresetCases(): readonly ParseCase[] {
  const folder = join(data, 'logcases')
  const lines = new Map<string, Buffer>()
  for (const { input } of readdirSync(folder).flatMap((file) => readCases(join(folder, file)))) {
    const text = String(input)
    const format = formatOf(text)
    if (format !== undefined && !lines.has(format)) lines.set(format, Buffer.from(text))
  }
  return [...lines].sort(([left], [right]) => (left < right ? -1 : 1)).map(([name, line]) => readCase(name, line))
}

/** The record of each preset of JSON in test/data/json-presets.ndjson. */
export function jsonPresetCases(): readonly ParseCase[] {
  const records = new Map<string, Buffer>()
  for (const line of readFileSync(join(data, 'json-presets.ndjson'), 'utf8').trim().split('\n')) {
    const { preset, record } = JSON.parse(line) as { readonly preset: string; readonly record: object }
    if (!records.has(preset)) records.set(preset, Buffer.from(JSON.stringify(record)))
  }
  return [...records].map(([name, record]) => readCase(name, record))
}

const unknown: Readonly<Record<string, string>> = {
  'words alone': 'the quick brown fox jumps over the lazy dog and is gone',
  'words after a time': '2026-11-24 07:59:59 the quick brown fox jumps over the lazy dog',
  'a frame of a stack trace': '\tat com.example.shop.Cart.add(Cart.java:117)',
  'pairs (logfmt)': 'ts=2026-11-24T07:59:59Z level=error msg="it broke" user=bob n=17',
  'JSON of no known logger': '{"when":"2026-11-24T07:59:59Z","severity":"error","text":"it broke","n":17}',
  'JSON that is cut': '{"time":"2026-11-24T07:59:59Z","level":"error","msg":"it br',
  'words, 10 KiB': 'the quick brown fox '.repeat(512),
}

/** Records that belong to no preset: everything is tried on them. */
export function unknownCases(): readonly ParseCase[] {
  return Object.entries(unknown).map(([name, text]) => readCase(name, Buffer.from(text)))
}
