import { describe, expect, test } from '@jest/globals'
import { finishedFields, pipeline, type StepDefinition } from '../../../src/pipelines/index.ts'

const receivedMs = Date.UTC(2026, 10, 24, 8)
const loggedMs = Date.UTC(2026, 10, 24, 7, 59, 59, 123)

/** What a step makes of a record that nothing has read before. */
function after(step: StepDefinition, record: string): Record<string, unknown> {
  const [event] =
    pipeline({ name: 'x', format: 'none', steps: [step] })
      .open()
      .read(record, receivedMs, 'web') ?? []
  return JSON.parse(JSON.stringify(event && finishedFields(event)))
}

const ofDocker = { log: 'slow answer\n', stream: 'stderr', time: '2026-11-24T07:59:59.123456789Z' }
const ofJournal = {
  __REALTIME_TIMESTAMP: '1795507199123456',
  _HOSTNAME: 'web-1',
  PRIORITY: '3',
  SYSLOG_IDENTIFIER: 'sshd',
  MESSAGE: 'boom',
}
const exported = Object.entries(ofJournal).map(([name, value]) => `${name}=${value}`)
const refusedLogon = `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>
<Provider Name='Microsoft-Windows-Security-Auditing' Guid='{54849625}'/><EventID Qualifiers='0'>4625</EventID><Level>2</Level>
<TimeCreated SystemTime='2026-11-24T07:59:59.1234567Z'/><EventRecordID>17</EventRecordID><Channel>Security</Channel>
<Computer>dc1</Computer></System><EventData><Data Name='TargetUserName'>ann</Data><Data Name='IpAddress'>192.0.2.9</Data></EventData></Event>`
const journalLog = { timestamp: loggedMs, level: 'error', message: 'boom', host: 'web-1', component: 'sshd' }

describe('a record of one program', () => {
  test.each<readonly [string, StepDefinition, string, object]>([
    [
      'docker, of the members',
      { docker: {} },
      JSON.stringify(ofDocker),
      { timestamp: loggedMs, message: 'slow answer', stream: 'stderr' },
    ],
    [
      'docker, of a text in a field',
      { docker: { field: 'line' } },
      JSON.stringify({ line: JSON.stringify(ofDocker), file: 'a.log' }),
      { timestamp: loggedMs, message: 'slow answer', file: 'a.log' },
    ],
    ['journald, of the members', { journald: {} }, JSON.stringify(ofJournal), journalLog],
    ['journald, in its export format', { journald: {} }, `${exported.join('\n')}\n`, journalLog],
    [
      'windows-event, as XML',
      { 'windows-event': {} },
      refusedLogon,
      {
        timestamp: loggedMs,
        level: 'error',
        host: 'dc1',
        component: 'Microsoft-Windows-Security-Auditing',
        ip: '192.0.2.9',
        userId: 'ann',
        message: 'event 4625 of Microsoft-Windows-Security-Auditing',
        winlog: { event_id: '4625', channel: 'Security', record_id: '17' },
      },
    ],
    [
      'windows-event, with a rendered message',
      { 'windows-event': {} },
      refusedLogon.replace(
        '</Event>',
        '<RenderingInfo><Message>An account failed to log on.</Message></RenderingInfo></Event>',
      ),
      { message: 'An account failed to log on.' },
    ],
    [
      'windows-event, with data that has no names',
      { 'windows-event': {} },
      '<Event><System><TimeCreated SystemTime="2026-11-24T07:59:59.123Z"/></System><EventData><Data>service</Data><Data>stopped</Data></EventData></Event>',
      { message: 'service stopped' },
    ],
    [
      'windows-event, of Winlogbeat',
      { 'windows-event': {} },
      '{"@timestamp":"2026-11-24T07:59:59.123Z","log":{"level":"warning"},"winlog":{"computer_name":"dc1"},"message":"m"}',
      { timestamp: loggedMs, level: 'warn', host: 'dc1', message: 'm' },
    ],
  ])('is read by %s', (_, step, record, expected) => {
    const fields = after(step, record)
    expect(fields).toMatchObject(expected)
    expect(fields.tags).toBeUndefined()
  })

  test.each<readonly [StepDefinition, string]>([
    [{ docker: {} }, JSON.stringify(ofJournal)],
    [{ docker: {} }, '2026-11-24T07:59:59.123Z stdout F a line of a container runtime'],
    [{ journald: {} }, JSON.stringify(ofDocker)],
    [{ journald: {} }, 'MESSAGE=boom\nno pair'],
    [{ 'windows-event': {} }, '<Event>no system</Event>'],
    [{ 'windows-event': {} }, JSON.stringify(ofDocker)],
  ])('that %j does not know stays as it was, with a tag: %s', (step, record) => {
    const untouched = after({ mutate: { tag: '_parse_failure' } }, record)
    expect(after(step, record)).toEqual(untouched)
  })

  test('has times of its own zone, and a zone that nobody knows is a mistake', () => {
    const record = '{"log":"m","stream":"stdout","time":"2026-11-24 08:59:59.123"}'
    expect(after({ docker: { zone: 'Europe/Berlin' } }, record).timestamp).toBe(loggedMs)
    expect(() => after({ docker: { zone: 'Mars/Base' } }, record)).toThrow("there is no zone 'Mars/Base'")
  })
})
