import { type Fields, LogEvent, type StepDefinition } from '../../src/pipelines/index.ts'
import { compileCondition } from '../../src/pipelines/conditions/condition.ts'
import { compileStep } from '../../src/pipelines/compile-steps.ts'
import type { StepName } from '../../src/pipelines/steps/step-kinds.ts'
import { lookupDatabase } from './lookup-database.ts'
import { type ParseCase, receivedMs } from './parse-case.ts'

interface StepCase<Name extends StepName> {
  /** Besides the name of the kind. */
  readonly name?: string
  readonly options: NonNullable<StepDefinition[Name]>
  /** What the event has in front of the step; a text is its message. */
  readonly from: string | Fields
}

const noMatch = 'no match'
const accessLine =
  '192.0.2.7 - bob [24/Nov/2026:07:59:59 +0000] "GET /a?b=c HTTP/1.1" 200 1234 "https://shop.example.com/" "curl/8"'
const browser =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36'
const log: Fields = {
  timestamp: receivedMs - 1000,
  level: 'info',
  message: 'order 7 sent',
  service: 'orders',
  ip: '203.0.113.9',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  statusCode: '200',
}

/** Each kind of step, with the options that cost differently. */
const stepCases: { readonly [Name in StepName]: readonly StepCase<Name>[] } = {
  access: [{ options: {}, from: accessLine }],
  cef: [{ options: {}, from: 'CEF:0|Acme|Gate|1.0|100|worm stopped|10|src=192.0.2.1 dst=192.0.2.2 msg=a worm' }],
  cidr: [
    {
      options: { networks: { office: ['192.0.2.0/24'], vpn: ['203.0.113.0/24', '2001:db8::/32'] }, into: 'net' },
      from: log,
    },
  ],
  cri: [{ options: {}, from: '2026-11-24T07:59:59.123456789Z stdout F order 7 sent to the customer' }],
  csv: [{ options: { columns: ['a', 'b', 'c', 'd'] }, from: '1,"two, three",4,five' }],
  date: [
    { name: 'auto', options: { field: 'at' }, from: { at: '2026-11-24T07:59:59.123+01:00' } },
    { name: 'ISO8601', options: { field: 'at', patterns: ['ISO8601'] }, from: { at: '2026-11-24T07:59:59.123+01:00' } },
    { name: 'UNIX_MS', options: { field: 'at', patterns: ['UNIX_MS'] }, from: { at: '1795507199123' } },
    {
      name: 'a pattern of HTTP',
      options: { field: 'at', patterns: ['dd/MMM/yyyy:HH:mm:ss Z'] },
      from: { at: '24/Nov/2026:07:59:59 +0000' },
    },
    {
      name: 'syslog in a zone',
      options: { field: 'at', patterns: ['MMM dd HH:mm:ss'], zone: 'Europe/Berlin' },
      from: { at: 'Nov 24 07:59:59' },
    },
  ],
  dissect: [{ options: { mapping: '%{ip} %{} %{user} [%{time}] "%{request}" %{status} %{rest}' }, from: accessLine }],
  docker: [{ options: {}, from: { log: 'order 7 sent\n', stream: 'stdout', time: '2026-11-24T07:59:59.123456789Z' } }],
  drop: [{ options: {}, from: log }],
  fingerprint: [
    { name: 'plain', options: { fields: ['service', 'message'] }, from: log },
    { name: 'with a key', options: { fields: ['service', 'message'], key: 'k'.repeat(32) }, from: log },
  ],
  geoip: [
    { name: 'found', options: { database: lookupDatabase() }, from: log },
    { name: 'not found', options: { database: lookupDatabase() }, from: { ip: '198.51.100.1' } },
  ],
  grok: [
    { name: 'COMBINEDAPACHELOG', options: { match: '%{COMBINEDAPACHELOG}' }, from: accessLine },
    { name: 'SYSLOGLINE', options: { match: '%{SYSLOGLINE}' }, from: 'Nov 24 07:59:59 gate sshd[811]: Accepted key' },
    { name: noMatch, options: { match: '%{COMBINEDAPACHELOG}' }, from: 'the quick brown fox' },
  ],
  journald: [
    {
      options: {},
      from: {
        __REALTIME_TIMESTAMP: '1795507199123456',
        PRIORITY: '4',
        MESSAGE: 'slow answer',
        SYSLOG_IDENTIFIER: 'cart',
        _HOSTNAME: 'web-1',
        _PID: '7',
      },
    },
  ],
  json: [{ options: {}, from: '{"level":"warn","msg":"slow","user":{"id":"u1"},"ms":1830,"parts":[1,2,3]}' }],
  kv: [{ options: {}, from: 'ts=2026-11-24T07:59:59Z level=error msg="it broke" user=bob n=17' }],
  leef: [{ options: {}, from: 'LEEF:1.0|Acme|Gate|1.0|100|src=192.0.2.1\tdst=192.0.2.2\tmsg=a worm' }],
  mutate: [
    { name: 'set', options: { set: { team: 'payments' } }, from: log },
    { name: 'set from a template', options: { set: { team: 'of %{service}' } }, from: log },
    { name: 'rename', options: { rename: { service: 'service.name' } }, from: log },
    { name: 'convert', options: { convert: { statusCode: 'number' } }, from: log },
    { name: 'lowercase', options: { lowercase: ['message'] }, from: log },
    { name: 'gsub', options: { gsub: { message: ['\\d+', '#'] } }, from: log },
    { name: 'split', options: { split: { message: ' ' } }, from: log },
  ],
  preset: [{ options: { formats: ['nginx-error'] }, from: nginxError() }],
  route: [
    { options: { bad: "level >= 'error'", slow: 'durationMs > 1000', orders: "service == 'orders'" }, from: log },
  ],
  sample: [
    { name: 'every tenth', options: { oneIn: 10 }, from: log },
    { name: 'by key', options: { oneIn: 10, key: '%{traceId}' }, from: log },
  ],
  syslog: [{ options: {}, from: 'Nov 24 07:59:59 gate sshd[811]: Accepted publickey for bob from 192.0.2.7' }],
  throttle: [{ options: { events: 100, within: '1s', key: '%{service}' }, from: log }],
  translate: [
    {
      options: { field: 'service', into: 'team', table: { orders: 'shop', carts: 'shop', search: 'find' } },
      from: log,
    },
  ],
  truncate: [{ options: { field: 'message', length: 100 }, from: { message: 'x'.repeat(1000) } }],
  useragent: [{ options: { field: 'agent' }, from: { agent: browser } }],
  'windows-event': [
    {
      options: {},
      from:
        '<Event><System><Provider Name="Microsoft-Windows-Security-Auditing"/><EventID>4625</EventID><Level>0</Level>' +
        '<TimeCreated SystemTime="2026-11-24T07:59:59.123Z"/><Computer>dc1</Computer></System>' +
        '<EventData><Data Name="TargetUserName">ann</Data><Data Name="IpAddress">192.0.2.9</Data></EventData></Event>',
    },
  ],
  xml: [{ options: {}, from: '<Event><Id>7</Id><Data Name="user">bob</Data><Data Name="host">h</Data></Event>' }],
}

function nginxError(): string {
  return '2026/11/24 07:59:59 [error] 71#71: *5 connect() failed (111: Connection refused), client: 203.0.113.9, server: shop'
}

/** All of them begin with a new event, which is the first row. */
export function allStepCases(): readonly ParseCase[] {
  const steps = Object.entries(stepCases) as [StepName, readonly StepCase<StepName>[]][]
  return [
    { name: 'an event without a step', bytes: lengthOf(log), run: () => void eventOf(log) },
    ...steps.flatMap(([kind, cases]) => cases.map(({ name, options, from }) => stepCase(kind, name, options, from))),
    conditionCase("level >= 'error' and service in ['a', 'b']"),
    conditionCase("message contains 'refused' or message matches /timeout after \\d+/"),
  ]
}

function stepCase(kind: StepName, name: string | undefined, options: object, from: string | Fields): ParseCase {
  const { step } = compileStep({ [kind]: options }, [])
  const ofTask = step.forTask?.() ?? step
  if (ofTask.apply(eventOf(from)) === 'failed' && name !== noMatch) throw new Error(`${kind} cannot read its case`)
  return {
    name: name === undefined ? kind : `${kind}, ${name}`,
    bytes: lengthOf(from),
    run: () => void ofTask.apply(eventOf(from)),
  }
}

function conditionCase(when: string): ParseCase {
  const meets = compileCondition(when)
  return { name: `when: ${when}`, bytes: lengthOf(log), run: () => void meets(eventOf(log)) }
}

function eventOf(from: string | Fields): LogEvent {
  const event = new LogEvent(typeof from === 'string' ? from : '', receivedMs, 'source')
  if (typeof from === 'string') event.fields.message = from
  else event.fields = { ...from }
  return event
}

function lengthOf(from: string | Fields): number {
  return typeof from === 'string' ? from.length : JSON.stringify(from).length
}
