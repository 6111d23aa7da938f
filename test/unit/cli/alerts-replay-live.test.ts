import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { type AlertChange, loadRules } from '../../../src/alerts/index.ts'
import { bytes, json, silentLogger, StreamsBuilder, string } from '../../../src/index.ts'
import { MemoryKafka, TopologyTestDriver } from '../../../src/testing/index.ts'
import { detect } from '../../../topologies/alerting/detect.ts'
import { gather } from '../../../topologies/alerting/gather.ts'
import { observationRecords } from '../../../topologies/alerting/observation-record.ts'
import { defaultInputPolicy } from '../../../topologies/input-policy.ts'
import { commandLine } from '../../support/command-line.ts'
import { plainLogs } from '../../support/plain-logs.ts'

const second = 1000
const startMs = Date.UTC(2026, 10, 24, 8)
const lengthSeconds = 900
const text = `rules:
  - { name: many, kind: threshold, where: level == 'error', groupBy: [service], window: 1m, fire: { medium: '> 10', high: '> 30' }, clear: '< 5' }
  - { name: share, kind: ratio, bad: level == 'error', groupBy: [service], window: 1m, minimum: 20, fire: '> 30 %', for: 30s, keep: 30s }
  - { name: slow, kind: threshold, measure: p95(durationMs), groupBy: [service], window: 1m, minimum: 5, fire: '> 500' }
  - { name: silent, kind: absence, groupBy: [service], window: 1m, every: 10s }
  - { name: users, kind: cardinality, field: user, groupBy: [service], window: 1m, fire: '>= 8' }
`
const rules = loadRules(text, 'rules.yaml')
const directory = mkdtempSync(join(tmpdir(), 'millrace-alerts-'))
afterAll(() => rmSync(directory, { recursive: true }))
writeFileSync(join(directory, 'rules.yaml'), text)

interface SentLog {
  readonly receivedMs: number
  readonly value: Readonly<Record<string, unknown>>
}

/** Three services that fail, get slow and fall silent at times; logs come up to 20 seconds late. */
function history(): readonly SentLog[] {
  let seed = 7
  const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
  const logs = Array.from({ length: lengthSeconds }, (_, index) => index).flatMap((index) =>
    ['cart', 'pay', 'search'].flatMap((service, number) => {
      const phase = Math.floor(index / 90 + number) % 6
      if (phase === 4) return []
      const isBad = random() < (phase === 2 ? 0.7 : 0.05)
      const timeMs = startMs + index * second + Math.floor(random() * second)
      const durationMs = Math.floor((phase === 3 ? 900 : 50) * (1 + random()))
      const user = `user-${Math.floor(random() * (phase === 1 ? 50 : 3))}`
      const level = isBad ? 'error' : 'info'
      const value = { timestamp: timeMs, level, service, message: 'served', durationMs, user }
      return [{ receivedMs: timeMs + Math.floor(random() * 20 * second), value }]
    }),
  )
  return logs.sort((left, right) => left.receivedMs - right.receivedMs)
}

/** What the workers of the fleet make of the logs, second by second. */
async function live(logs: readonly SentLog[]): Promise<readonly AlertChange[]> {
  const gathering = new StreamsBuilder()
  const { eventAgeMaxMs } = defaultInputPolicy
  gather(plainLogs(gathering), { rules, inputTopic: 'logs', observationsTopic: 'observations', eventAgeMaxMs })
  const detecting = new StreamsBuilder()
  detect(detecting, { rules, observationsTopic: 'observations', changesTopic: 'changes', logger: silentLogger })
  const gatherer = new TopologyTestDriver(gathering.build(), { startMs })
  const detector = new TopologyTestDriver(detecting.build(), { startMs })
  const serdes = { key: string(), value: observationRecords }
  const topic = gatherer.createInputTopic('logs', { key: string(), value: bytes() })
  const [sums, observed] = [
    gatherer.createOutputTopic('observations', serdes),
    detector.createInputTopic('observations', serdes),
  ]
  let next = 0
  for (let nowMs = startMs; nowMs <= startMs + (lengthSeconds + 60) * second; nowMs += second) {
    for (; (logs[next]?.receivedMs ?? Number.POSITIVE_INFINITY) <= nowMs; next++) {
      const { value, receivedMs } = logs[next] as SentLog
      topic.pipeInput('key', Buffer.from(JSON.stringify(value)), receivedMs)
    }
    gatherer.advanceWallClock(second)
    for (const { key, value } of sums.readRecordsToList()) observed.pipeInput(key, value, nowMs)
    detector.advanceWallClock(second)
  }
  const changes = detector.createOutputTopic('changes', { key: string(), value: json<AlertChange>() })
  const found = changes.readRecordsToList().flatMap(({ value }) => value ?? [])
  await Promise.all([gatherer.close(), detector.close()])
  return found
}

interface Span {
  readonly key: string
  readonly severity: string
  readonly startMs: number
  readonly endMs: number | null
}

/** Alerts that fired and are over, in the order of key and end. */
function spansOf(changes: readonly AlertChange[]): readonly Span[] {
  const fired = new Set(changes.filter(({ status }) => status === 'firing').map(({ episode }) => episode))
  const ended = changes.filter(({ status, episode }) => status === 'resolved' && fired.has(episode))
  return sorted(
    ended.map(({ key, severity, startMs: fromMs, timeMs }) => ({ key, severity, startMs: fromMs, endMs: timeMs })),
  )
}

function sorted(spans: readonly Span[]): readonly Span[] {
  return spans.toSorted((left, right) => (textOf(left) < textOf(right) ? -1 : 1))
}

function textOf({ key, severity, endMs }: Span): string {
  const end = String(((endMs ?? 0) - startMs) / second).padStart(4, '0')
  return `${key} ${severity} until ${end}`
}

test('a replay says what the workers said', async () => {
  const logs = history()
  const memory = new MemoryKafka({ topics: { logs: 3 } })
  const topic = memory.topic('logs', { key: string(), value: json() })
  for (const [index, { value, receivedMs }] of logs.entries())
    topic.write('key', value, { partition: index % 3, timestamp: receivedMs })
  const range = [startMs, startMs + (lengthSeconds + 60) * second].map((ms) => new Date(ms).toISOString())
  const { out } = await commandLine({ kafka: memory.connection, directory }).run(
    ...['alerts', 'replay', '--rule', 'rules.yaml', '--topic', 'logs', '--json'],
    ...['--from', range[0] ?? '', '--to', range[1] ?? ''],
  )
  const { firings } = JSON.parse(out) as { readonly firings: readonly Span[] }
  // The end of the last logs is closed by no later log.
  const isClosed = ({ endMs }: Span) => endMs !== null && endMs < startMs + (lengthSeconds - 60) * second
  const replayed = sorted(firings.filter(isClosed))
  const lived = spansOf(await live(logs)).filter(isClosed)
  expect(replayed.length).toBeGreaterThan(10)
  expect(replayed.map(textOf)).toEqual(lived.map(textOf))
  // The workers fire by the logs that have come so far; a replay knows those that came late.
  const earlierMs = replayed.map((span, index) => (lived[index]?.startMs ?? 0) - span.startMs)
  expect(earlierMs.filter((ms) => ms < 0 || ms > 20 * second)).toEqual([])
}, 60_000)
