import { describe, expect, test } from '@jest/globals'
import { parseTime } from '../../../../src/pipelines/time/parse-time.ts'

const receivedMs = Date.UTC(2026, 10, 24, 8)
const instant = '2026-11-24T07:59:59.000Z'
const withMs = '2026-11-24T07:59:59.123Z'

function read(text: string, zone?: string, order?: 'month-first' | 'day-first' | 'year-first'): string | undefined {
  const context = { receivedMs, ...(zone && { zone }), ...(order && { order }) }
  const epochMs = parseTime(text, context)
  return epochMs === undefined ? undefined : new Date(epochMs).toISOString()
}

const forms: readonly (readonly [string, string, string])[] = [
  ['ISO 8601', '2026-11-24T07:59:59.123Z', withMs],
  ['ISO with nanoseconds', '2026-11-24T07:59:59.123999999Z', withMs],
  ['ISO with one digit of a fraction', '2026-11-24T07:59:59.1Z', '2026-11-24T07:59:59.100Z'],
  ['ISO without a fraction', '2026-11-24T07:59:59Z', instant],
  ['ISO without seconds', '2026-11-24T07:59Z', '2026-11-24T07:59:00.000Z'],
  ['ISO with an offset', '2026-11-24T08:59:59.123+01:00', withMs],
  ['ISO with an offset without a colon', '2026-11-24T08:59:59.123+0100', withMs],
  ['ISO with hours as offset', '2026-11-24T16:59:59+09', instant],
  ['ISO with a comma', '2026-11-24T07:59:59,123', withMs],
  ['ISO in small letters', '2026-11-24t07:59:59z', instant],
  ['ISO basic', '20261124T075959Z', instant],
  ['ISO basic with milliseconds', '20261124T085959,123+0100', withMs],
  ['ISO, the date alone', '2026-11-24', '2026-11-24T00:00:00.000Z'],
  ['digits alone', '20261124075959', instant],
  ['digits alone with milliseconds', '20261124075959123', withMs],
  ['Python logging', '2026-11-24 07:59:59,123', withMs],
  ['Python str', '2026-11-24 07:59:59.123456+00:00', withMs],
  ['PostgreSQL', '2026-11-24 08:59:59.123 CET', withMs],
  ['PostgreSQL in summer', '2026-07-31 13:36:42.585 CEST', '2026-07-31T11:36:42.585Z'],
  ['a zone of America', '2026-11-23 23:59:59 PST', instant],
  ['an offset of hours', '2026-11-24 16:59:59 +09', instant],
  ['Serilog', '2026-11-24 07:59:59.123 +00:00', withMs],
  ['Ruby', '2026-11-24 08:59:59 +0100', instant],
  ['Ruby in UTC', '2026-11-24 07:59:59 UTC', instant],
  ['Go time.String', '2026-11-24 07:59:59.123456789 +0000 UTC m=+0.000012345', withMs],
  ['Go in a zone', '2026-11-23 23:59:59.123456789 -0800 PST', withMs],
  ['Go log', '2026/11/24 07:59:59', instant],
  ['Go log with microseconds', '2026/11/24 07:59:59.123456', withMs],
  ['Go ANSIC', 'Tue Nov 24 07:59:59 2026', instant],
  ['Go UnixDate', 'Tue Nov 24 07:59:59 UTC 2026', instant],
  ['Go RubyDate', 'Tue Nov 24 08:59:59 +0100 2026', instant],
  ['Go RFC 822', '24 Nov 26 07:59 UTC', '2026-11-24T07:59:00.000Z'],
  ['RFC 850', 'Tuesday, 24-Nov-26 07:59:59 GMT', instant],
  ['HTTP', 'Tue, 24 Nov 2026 07:59:59 GMT', instant],
  ['RFC 2822', 'Tue, 24 Nov 2026 08:59:59 +0100', instant],
  ['RFC 2822 with a comment', 'Tue, 24 Nov 2026 08:59:59 +0100 (CET)', instant],
  ['Java ZonedDateTime', '2026-11-24T08:59:59.123+01:00[Europe/Berlin]', withMs],
  ['Java Date', 'Tue Nov 24 08:59:59 CET 2026', instant],
  ['java.util.logging', 'Nov 24, 2026 7:59:59 AM', instant],
  ['java.util.logging in the evening', 'Nov 23, 2026 12:59:59 PM', '2026-11-23T12:59:59.000Z'],
  ['Java 20 with a narrow blank', 'Nov 24, 2026, 7:59:59\u202fAM', instant],
  ['Tomcat', '24-Nov-2026 07:59:59.123', withMs],
  ['JavaScript Date', 'Tue Nov 24 2026 08:59:59 GMT+0100 (Central European Standard Time)', instant],
  ['JavaScript in the USA', '11/24/2026, 7:59:59 AM', instant],
  ['.NET in the USA', '11/24/2026 7:59:59 AM', instant],
  ['.NET round trip', '2026-11-24T07:59:59.1234567+00:00', withMs],
  ['.NET JSON', '/Date(1795507199123)/', withMs],
  ['a day before its month', '24/11/2026 07:59:59', instant],
  ['German', '24.11.2026 07:59:59', instant],
  ['Spark', '26/11/24 07:59:59', instant],
  ['access logs', '24/Nov/2026:08:59:59 +0100', instant],
  ['Django', '24/Nov/2026 07:59:59', instant],
  ['HDFS', '261124 075959', instant],
  ['MySQL 5.5', '261124  7:59:59', instant],
  ['HealthApp', '20261124-7:59:59:123', withMs],
  ['BGL', '2026-11-24-07.59.59.123456', withMs],
  ['Kibana', 'Nov 24, 2026 @ 07:59:59.123', withMs],
  ['Oracle', '2026-Nov-24 07:59:59', instant],
  ['Cisco with a year', '2026 Nov 24 07:59:59.123 UTC', withMs],
  ['Robot Framework', '20261124 07:59:59.123', withMs],
  ['PHP with a region', '24-Nov-2026 08:59:59 Europe/Berlin', instant],
  ['months of a French locale', '24/nov./2026:07:59:59 +0000', instant],
  ['syslog', 'Nov 24 07:59:59', instant],
  ['syslog with one digit', 'Nov  4 07:59:59', '2026-11-04T07:59:59.000Z'],
  ['syslog of last year', 'Dec 31 23:59:59', '2025-12-31T23:59:59.000Z'],
  ['syslog of a leap day', 'Feb 29 12:00:00', '2024-02-29T12:00:00.000Z'],
  ['klog', '1124 07:59:59.123456', withMs],
  ['Android', '11-24 07:59:59.123', withMs],
  ['Bacula', '24-Nov 07:59', '2026-11-24T07:59:00.000Z'],
  ['seconds', '1795507199', instant],
  ['seconds with a fraction', '1795507199.123456', withMs],
  ['milliseconds', '1795507199123', withMs],
  ['microseconds', '1795507199123456', withMs],
  ['nanoseconds', '1795507199123456789', withMs],
  ['the end of a day', '2026-11-23T24:00:00Z', '2026-11-24T00:00:00.000Z'],
  ['a leap second', '2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
  ['a leap day', '2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
]

describe('a time is read', () => {
  test.each(forms)('%s: %s', (_, text, expected) => {
    expect(read(text)).toBe(expected)
  })
})

describe('no time is read', () => {
  test.each([
    ['of nothing', ''],
    ['of words', 'boom'],
    ['of a word that begins like a month', 'Mario 24 07:59:59'],
    ['of a clock alone', '07:59:59.123'],
    ['of hour 24', '2026-11-23 24:30:00'],
    ['of hour 25', '2026-11-23T25:00:00Z'],
    ['of minute 60', '2026-11-23T12:60:00Z'],
    ['of second 60 within a day', '2026-11-23T12:00:60Z'],
    ['of second 61', '2016-12-31T23:59:61Z'],
    ['of the 31st of a month of 30 days', '2026-11-31T00:00:00Z'],
    ['of a 29th of February', '2026-02-29T00:00:00Z'],
    ['of a 30th of February', '30/Feb/2026:07:59:59 +0000'],
    ['of month 13', '2026-13-01 00:00:00'],
    ['of day 0', '2026-11-00 00:00:00'],
    ['of 13 PM', '11/24/2026 13:59:59 PM'],
    ['of 0 AM', '11/24/2026 0:59:59 AM'],
    ['of a date of two digits alone', '24/11/26'],
    ['of a date that may be May or June', '05/06/2025 07:59:59'],
    ['of an offset of 30 hours', '2026-11-24T07:59:59+30:00'],
    ['of an unknown zone', '2026-11-24 07:59:59 XYZT'],
    ['of a time with more text', '2026-11-24 07:59:59 boom'],
    ['of a version', '1.2.3'],
    ['of a decimal', '2.5'],
    ['of six digits', '261124'],
    ['of a month and a day alone', 'Nov 24'],
    ['of an address', '192.168.10.1'],
    ['of a small number', '42'],
    ['of a fraction without digits of hours', '2026-11-24T:59:59'],
  ])('%s', (_, text) => {
    expect(read(text)).toBeUndefined()
  })
})

describe('the order of a date', () => {
  test('is the one that lies near the time of receipt', () => {
    expect(parseTime('05/06/2026 07:59:59', { receivedMs: Date.UTC(2026, 4, 6, 8) })).toBe(
      Date.UTC(2026, 4, 6, 7, 59, 59),
    )
    expect(parseTime('05/06/2026 07:59:59', { receivedMs: Date.UTC(2026, 5, 5, 8) })).toBe(
      Date.UTC(2026, 5, 5, 7, 59, 59),
    )
  })

  test('is that of the source', () => {
    expect(read('05/06/2025 07:59:59', undefined, 'month-first')).toBe('2025-05-06T07:59:59.000Z')
    expect(read('05/06/2025 07:59:59', undefined, 'day-first')).toBe('2025-06-05T07:59:59.000Z')
    expect(read('17/06/09 20:10:40', undefined, 'year-first')).toBe('2017-06-09T20:10:40.000Z')
  })

  test('of the source leaves a date of one reading as it is', () => {
    expect(read('24/11/2026 07:59:59', undefined, 'month-first')).toBe(instant)
  })
})

describe('the zone of a source', () => {
  test('is that of times that name none', () => {
    expect(read('2026-11-24 08:59:59', 'Europe/Berlin')).toBe(instant)
    expect(read('2026-07-24 09:59:59', 'Europe/Berlin')).toBe('2026-07-24T07:59:59.000Z')
    expect(read('2026-11-24 16:59:59', '+09:00')).toBe(instant)
    expect(read('2026-11-24 08:59:59', 'CET')).toBe(instant)
    expect(read('Nov 24 13:29:59', 'Asia/Kolkata')).toBe(instant)
  })

  test('is not that of times that name one', () => {
    expect(read('2026-11-24 07:59:59 UTC', 'Europe/Berlin')).toBe(instant)
  })

  test('of an hour that a clock skips is an hour later', () => {
    expect(read('2026-03-29 02:30:00', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z')
  })

  test('of an hour that a clock shows twice is the last one before the time of receipt', () => {
    const at = (received: number) => parseTime('2026-10-25 02:30:00', { receivedMs: received, zone: 'Europe/Berlin' })
    expect(at(Date.UTC(2026, 9, 25, 0, 31))).toBe(Date.UTC(2026, 9, 25, 0, 30))
    expect(at(Date.UTC(2026, 9, 25, 1, 31))).toBe(Date.UTC(2026, 9, 25, 1, 30))
  })
})
