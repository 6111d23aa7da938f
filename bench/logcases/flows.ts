import { kindTopology } from '../../fleet/kinds.ts'
import { defaultInputPolicy } from '../../topologies/input-policy.ts'
import { topics } from '../../fleet/topics.ts'
import type { Alert } from '../../schemas/alert.ts'
import { bytes, json, string } from '../../src/index.ts'
import { pipeline } from '../../src/pipelines/index.ts'
import { TopologyTestDriver } from '../../src/testing/index.ts'
import type { EnrichedLog } from '../../topologies/enriched-log.ts'
import { compared } from './compare-fields.ts'
import type { LogCase } from './log-case.ts'
import type { FieldOutcome, Outcome } from './outcome.ts'

const startMs = Date.parse('2026-11-24T08:00:00Z')

/** A record of a flow: its text, and when it happens after the start. */
export interface FlowRecord {
  readonly text: string
  readonly afterMs: number
}

/** What a worker made of records. */
export interface FlowResult {
  readonly alerts: readonly Alert[]
  readonly documents: readonly Readonly<Record<string, unknown>>[]
}

/** Sends what the words of a flow describe through the topology of a worker; undefined for words that it does not know. */
export async function compareFlow(logCase: LogCase): Promise<Outcome | undefined> {
  const name = logCase.source.slice('flow:'.length)
  const records = flows[name]?.()
  if (records === undefined) return undefined
  const result = await sendRecords(records)
  const isBrute = name.startsWith('brute/')
  const alerts = result.alerts.filter(({ rule }) => (rule === 'brute-force') === isBrute)
  const fields: FieldOutcome[] = []
  for (const [field, expected] of Object.entries(logCase.expected)) {
    if (field === 'docs') fields.push(compared(field, expected, result.documents.length))
    else if (field === 'keys') fields.push(compared(field, expected, [...new Set(alerts.map(({ key }) => key))]))
    else if (typeof expected === 'boolean') fields.push(compared(field, expected, alerts.length > 0))
    else if (Array.isArray(expected))
      fields.push(
        compared(
          field,
          expected,
          alerts.map(({ key }) => key),
        ),
      )
    else fields.push(compared(field, expected, alerts.length))
  }
  return { logCase, fields }
}

/** Through the topology of the application worker; a record three hours later closes all windows. */
export async function sendRecords(records: readonly FlowRecord[]): Promise<FlowResult> {
  const topology = kindTopology('application', {
    sinks: ['documents'],
    pipeline: pipeline({ name: 'application' }),
    policy: defaultInputPolicy,
    avro: undefined,
    geo: undefined,
    pace: 'production',
  })
  const driver = new TopologyTestDriver(topology.build(), {
    deserializationHandler: 'continue',
    processingHandler: 'continue',
    deadLetterTopic: topics.deadLetters.name,
  })
  try {
    const input = driver.createInputTopic(topics.application.name, { key: string(), value: bytes() })
    const alerts = driver.createOutputTopic(topics.alerts.name, { key: string(), value: json<Alert>() })
    for (const { text, afterMs } of records) input.pipeInput('source', Buffer.from(text), startMs + afterMs)
    input.pipeInput('source', Buffer.from(jsonLog({ message: 'later' }, 3 * 3_600_000)), startMs + 3 * 3_600_000)
    // Lines that wait for the next one of their stack trace come out.
    driver.advanceWallClock(60_000)
    return {
      alerts: alerts.readRecordsToList().map((record) => record.value as Alert),
      documents: driver
        .sinkRecords('documents')
        .slice(0, -1)
        .map(({ value }) => JSON.parse((value as EnrichedLog).toText()) as Readonly<Record<string, unknown>>),
    }
  } finally {
    await driver.close()
  }
}

function jsonLog(fields: Readonly<Record<string, unknown>>, afterMs: number): string {
  const timestamp = new Date(startMs + afterMs).toISOString()
  return JSON.stringify({ timestamp, level: 'info', service: 'checkout', message: 'fine', ...fields })
}

function syslogTime(afterMs: number): string {
  return new Date(startMs + afterMs).toISOString().replace('Z', '+00:00')
}

function sshd(count: number, message: (index: number) => string, everyMs = 2000): readonly FlowRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    text: `${syslogTime(index * everyMs)} bastion sshd[${4000 + index}]: ${message(index)}`,
    afterMs: index * everyMs,
  }))
}

const failedPassword = (address: string) => (index: number) =>
  `Failed password for root from ${address} port ${40_000 + index} ssh2`

function attemptOfThreeLines(index: number): readonly FlowRecord[] {
  const user = `user${index}`
  const afterMs = index * 10_000
  const lines = [
    `Invalid user ${user} from 192.0.2.4 port ${40_000 + index}`,
    `pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.4`,
    `Failed password for invalid user ${user} from 192.0.2.4 port ${40_000 + index} ssh2`,
  ]
  return lines.map((line, at) => ({
    text: `${syslogTime(afterMs + at * 500)} bastion sshd[${5000 + index}]: ${line}`,
    afterMs: afterMs + at * 500,
  }))
}

function errorsAmong(count: number, errors: number): readonly FlowRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const isError = Math.floor(((index + 1) * errors) / count) > Math.floor((index * errors) / count)
    const fields = { level: isError ? 'error' : 'info', message: `event ${index}`, service: 'payments' }
    return { text: jsonLog(fields, index * 500), afterMs: index * 500 }
  })
}

function javaClasses(): readonly FlowRecord[] {
  return Array.from({ length: 5060 }, (_, index) => {
    const time = new Date(startMs + index * 20).toISOString().replace('T', ' ').replace('Z', '').replace('.', ',')
    const isError = index % 84 === 0
    const line = isError
      ? `ERROR [main] a.b.Handler: failed ${index}`
      : `INFO [main] a.b.Class${index % 20}: did ${index}`
    return { text: `${time} ${line}`, afterMs: index * 20 }
  })
}

const ahead: FlowRecord = { text: jsonLog({ service: 'payments' }, 55 * 60_000), afterMs: 0 }

const flows: Readonly<Record<string, () => readonly FlowRecord[]>> = {
  'brute/ipv6': () => sshd(20, failedPassword('2001:db8::1:1')),
  'brute/three-lines-an-attempt': () => [0, 1, 2, 3].flatMap(attemptOfThreeLines),
  'brute/preauth': () =>
    sshd(20, (index) => `Connection closed by authenticating user root 192.0.2.4 port ${40_000 + index} [preauth]`),
  'brute/message-repeated': () =>
    sshd(2, (index) => `message repeated 5 times: [ ${failedPassword('192.0.2.4')(index)}]`),
  'brute/windows-4625': () =>
    Array.from({ length: 20 }, (_, index) => ({
      text: JSON.stringify({
        '@timestamp': new Date(startMs + index * 2000).toISOString(),
        message: 'An account failed to log on.',
        event: { code: '4625', provider: 'Microsoft-Windows-Security-Auditing', outcome: 'failure' },
        winlog: {
          channel: 'Security',
          event_id: '4625',
          event_data: { TargetUserName: 'bob', IpAddress: '192.0.2.4' },
        },
        log: { level: 'information' },
        host: { name: 'dc1' },
      }),
      afterMs: index * 2000,
    })),
  'brute/nginx-401': () =>
    Array.from({ length: 200 }, (_, index) => ({
      text: `192.0.2.4 - - [24/Nov/2026:08:0${Math.floor(index / 60)}:${String(index % 60).padStart(2, '0')} +0000] "POST /login HTTP/1.1" 401 ${100 + index} "-" "curl/8"`,
      afterMs: index * 1000,
    })),
  'brute/false-user-agent': () => sshd(10, () => 'Invalid user agent'),
  'brute/injection': () => sshd(20, (index) => `Invalid user from 198.51.100.1 from 192.0.2.4 port ${40_000 + index}`),
  'brute/ahead-clock': () => [
    { text: `${syslogTime(55 * 60_000)} bastion2 sshd[1]: ${failedPassword('192.0.2.9')(0)}`, afterMs: 0 },
    ...sshd(20, failedPassword('192.0.2.4')),
  ],
  'rate/control': () => errorsAmong(100, 60),
  'rate/ahead-clock': () => [ahead, ...errorsAmong(100, 60)],
  'rate/java-class-is-service': javaClasses,
  'dedupe/same-second': () =>
    Array.from({ length: 4 }, () => ({
      text: '192.0.2.4 - - [24/Nov/2026:08:00:00 +0000] "GET /style.css HTTP/1.1" 200 12 "-" "curl/8"',
      afterMs: 0,
    })),
  'dedupe/k8s-restart': () => [0, 20_000].map((afterMs) => ({ text: 'Starting the server on port 8080', afterMs })),
}
