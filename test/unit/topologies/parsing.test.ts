import { describe, expect, test } from '@jest/globals'
import { grok } from '../../../topologies/parsing/grok.ts'
import { parseLevel } from '../../../topologies/parsing/level.ts'
import { createLineParser } from '../../../topologies/parsing/text-line.ts'
import { parseTimestamp } from '../../../topologies/parsing/timestamp.ts'
import { bestOf, timed } from '../../support/best-of.ts'

const receivedMs = Date.UTC(2026, 10, 24, 8)

/** format, line, expected time, level, component */
const lines: readonly (readonly [string, string, string | undefined, string | undefined, string | undefined])[] = [
  [
    'apache-error',
    '[Sun Dec 04 04:47:44 2005] [error] mod_jk child in error state 6',
    '2005-12-04T04:47:44.000Z',
    'error',
    undefined,
  ],
  [
    'apache-error',
    '[Wed Oct 11 14:32:52.123456 2023] [core:warn] [pid 12:tid 7] [client 10.0.0.1:80] slow',
    '2023-10-11T14:32:52.123Z',
    'warn',
    'core',
  ],
  [
    'hdfs',
    '081109 203615 148 INFO dfs.DataNode$PacketResponder: terminating',
    '2008-11-09T20:36:15.000Z',
    'info',
    'dfs.DataNode$PacketResponder',
  ],
  [
    'log4j',
    '2015-10-18 18:01:47,978 ERROR [main] org.apache.hadoop.MRAppMaster: broken',
    '2015-10-18T18:01:47.978Z',
    'error',
    'org.apache.hadoop.MRAppMaster',
  ],
  [
    'zookeeper',
    '2015-07-29 19:04:29,071 - WARN  [SendWorker:1@688] - leaving',
    '2015-07-29T19:04:29.071Z',
    'warn',
    'SendWorker:1@688',
  ],
  [
    'openstack',
    'nova-api.log.1.2017-05-16 2017-05-16 00:00:00.008 25746 INFO nova.wsgi [req-1] GET',
    '2017-05-16T00:00:00.008Z',
    'info',
    'nova.wsgi',
  ],
  [
    'syslog',
    'Jun 14 15:16:01 combo sshd(pam_unix)[19939]: authentication failure',
    '2026-06-14T15:16:01.000Z',
    undefined,
    'sshd(pam_unix)',
  ],
  [
    'syslog',
    'Dec 10 06:55:46 LabSZ sshd[24200]: Invalid user webmaster',
    '2025-12-10T06:55:46.000Z',
    undefined,
    'sshd',
  ],
  [
    'syslog-free',
    'Jul  1 09:00:55 host --- last message repeated 1 time ---',
    '2026-07-01T09:00:55.000Z',
    undefined,
    undefined,
  ],
  [
    'syslog-5424',
    '<34>1 2003-10-11T22:14:15.003Z machine su - ID47 - root failed',
    '2003-10-11T22:14:15.003Z',
    'critical',
    'su',
  ],
  [
    'access',
    '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 503 2326',
    '2000-10-10T20:55:36.000Z',
    'error',
    undefined,
  ],
  [
    'nginx-error',
    '2024/01/02 03:04:05 [crit] 123#0: *1 open() failed',
    '2024-01-02T03:04:05.000Z',
    'critical',
    undefined,
  ],
  [
    'android',
    '03-17 16:13:38.811  1702  2395 W WindowManager: slow',
    '2026-03-17T16:13:38.811Z',
    'warn',
    'WindowManager',
  ],
  [
    'bgl',
    '- 1117838570 2005.06.03 R02 2005-06-03-15.42.50.675872 R02 RAS KERNEL FATAL parity',
    '2005-06-03T22:42:50.000Z',
    'critical',
    'KERNEL',
  ],
  [
    'thunderbird',
    '- 1131566461 2005.11.09 dn228 Nov 9 12:01:01 dn228/dn228 crond[2915]: closed',
    '2005-11-09T20:01:01.000Z',
    undefined,
    'crond',
  ],
  [
    'spark',
    '17/06/09 20:10:40 INFO executor.Backend: Registered',
    '2017-06-09T20:10:40.000Z',
    'info',
    'executor.Backend',
  ],
  [
    'windows-cbs',
    '2016-09-28 04:30:30, Info                  CBS    Loaded',
    '2016-09-28T04:30:30.000Z',
    'info',
    'CBS',
  ],
  [
    'health-app',
    '20171223-22:15:29:606|Step_LSC|30002312|changed 3579',
    '2017-12-23T22:15:29.606Z',
    undefined,
    'Step_LSC',
  ],
  [
    'hpc',
    '134681 node-246 unix.hw state_change.unavailable 1077804742 1 changed',
    '2004-02-26T14:12:22.000Z',
    undefined,
    'unix.hw',
  ],
  ['proxifier', '[10.30 16:49:06] chrome.exe - proxy:5070 open', '2026-10-30T16:49:06.000Z', undefined, 'chrome.exe'],
  ['klog', 'E1124 07:00:00.123456       1 main.go:20] stopped', '2026-11-24T07:00:00.123Z', 'error', 'main.go:20'],
  [
    'logfmt',
    'level=warn msg="disk \\"a\\" is full" ts=2024-01-02T03:04:05Z',
    '2024-01-02T03:04:05.000Z',
    'warn',
    undefined,
  ],
  ['python', '2024-01-02 03:04:05,678 - root - WARNING - hi', '2024-01-02T03:04:05.678Z', 'warn', 'root'],
  ['leveled', '2024-01-02T03:04:05+02:00 ERROR boom', '2024-01-02T01:04:05.000Z', 'error', undefined],
  ['unknown', 'no form at all', undefined, undefined, undefined],
]

describe('a line of plain text', () => {
  test.each(lines)('in the form %s is read: %s', (format, line, time, level, component) => {
    const parsed = createLineParser().parse(`${line}\r`, receivedMs)
    expect(parsed.format).toBe(format)
    const timestamp = parsed.record.timestamp
    expect(timestamp === undefined ? undefined : new Date(Number(timestamp)).toISOString()).toBe(time)
    expect(parsed.record.level ?? undefined).toBe(level)
    expect(parsed.record.component ?? undefined).toBe(component)
  })

  test('is read the same whatever line came before', () => {
    const parser = createLineParser()
    for (const [, line] of lines) {
      for (const [format, other] of lines) {
        parser.parse(line, receivedMs)
        expect(parser.parse(other, receivedMs).format).toBe(format)
      }
    }
  })

  test('of a megabyte takes under 100 ms and keeps every character of its message', async () => {
    const line = `2015-10-18 18:01:47,978 INFO [main] a.B: ${'x-[ '.repeat(262_144)}`
    const parse = () => createLineParser().parse(line, receivedMs)
    expect(await bestOf(100, () => timed(async () => parse()))).toBeLessThan(100)
    expect(parse().record.message).toHaveLength(4 * 262_144)
  })
})

describe('a written time', () => {
  test('without a year is at most a day after the line was received', () => {
    expect(parseTimestamp('Nov 25 07:59:59', receivedMs)).toBe(Date.UTC(2026, 10, 25, 7, 59, 59))
    expect(parseTimestamp('Nov 26 00:00:00', receivedMs)).toBe(Date.UTC(2025, 10, 26))
  })

  test.each(['2024-13-01 00:00:00', '2024-01-01 00:61:00', 'yesterday', '', '12'])(
    'that is none is refused: %s',
    (text) => {
      expect(parseTimestamp(text, receivedMs)).toBeUndefined()
    },
  )
})

describe('a level', () => {
  test.each([
    ['WARNING', 'warn'],
    ['Fatal', 'critical'],
    ['notice', 'info'],
    [50, 'error'],
    [60, 'critical'],
  ])('%s is %s', (name, level) => expect(parseLevel(name)).toBe(level))

  test.each(['loud', 'constructor', 'toString', '__proto__', ''])('the name "%s" is not a level', (name) =>
    expect(parseLevel(name)).toBeUndefined(),
  )
})

describe('a grok expression', () => {
  test('with an unknown pattern is refused by name', () => {
    expect(() => grok('x', '%{NOPE:field}')).toThrow('there is no pattern NOPE')
  })

  test('with a pattern that refers to itself is refused', () => {
    expect(() => grok('x', '%{A}', { A: '%{B}', B: '%{A}' })).toThrow('refers to itself by A > B')
  })
})
