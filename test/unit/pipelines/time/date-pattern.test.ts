import { expect, test } from '@jest/globals'
import { datePattern } from '../../../../src/pipelines/time/date-pattern.ts'

const receivedMs = Date.UTC(2026, 10, 24, 8)
const instant = '2026-11-24T07:59:59.000Z'

function read(pattern: string, text: string, zone?: string): string | undefined {
  const epochMs = datePattern(pattern)(text, { receivedMs, ...(zone && { zone }) })
  return epochMs === undefined ? undefined : new Date(epochMs).toISOString()
}

test.each([
  ['dd/MMM/yyyy:HH:mm:ss Z', '24/Nov/2026:08:59:59 +0100', instant],
  ['MMM dd HH:mm:ss', 'Nov 24 07:59:59', instant],
  ['MMM  d HH:mm:ss', 'Nov  4 07:59:59', '2026-11-04T07:59:59.000Z'],
  ['yyyy-MM-dd HH:mm:ss,SSS', '2026-11-24 07:59:59,123', '2026-11-24T07:59:59.123Z'],
  ["yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX", '2026-11-24T08:59:59.123456+01:00', '2026-11-24T07:59:59.123Z'],
  ['MM/dd/yyyy hh:mm:ss a', '11/24/2026 07:59:59 AM', instant],
  ['dd.MM.yy HH:mm:ss', '24.11.26 07:59:59', instant],
  ['EEE MMM dd HH:mm:ss z yyyy', 'Tue Nov 24 08:59:59 CET 2026', instant],
  ['yyyyMMddHHmmss', '20261124075959', instant],
  ['%d/%b/%Y:%H:%M:%S %z', '24/Nov/2026:08:59:59 +0100', instant],
  ['%Y-%m-%dT%H:%M:%S%.3f%:z', '2026-11-24T08:59:59.123+01:00', '2026-11-24T07:59:59.123Z'],
  ['%F %T', '2026-11-24 07:59:59', instant],
  ['%b %e %H:%M:%S', 'Nov 24 07:59:59', instant],
  ['%m/%d/%y %I:%M:%S %p', '11/24/26 07:59:59 AM', instant],
  ['%s', '1795507199', instant],
  ['%s.%L', '1795507199.123', '2026-11-24T07:59:59.123Z'],
  ['%s %z', '1795507199 +0100', instant],
  ['%x %X', '11/24/26 07:59:59', instant],
  ['%x %r', '11/24/26 07:59:59 AM', instant],
  ['UNIX', '1795507199', instant],
  ['UNIX', '1795507199.123', '2026-11-24T07:59:59.123Z'],
  ['UNIX_MS', '1795507199123', '2026-11-24T07:59:59.123Z'],
  ['ISO8601', '2026-11-24T07:59:59Z', instant],
  ['auto', 'Tue Nov 24 07:59:59 2026', instant],
])('%s reads %s', (pattern, text, expected) => {
  expect(read(pattern, text)).toBe(expected)
})

test.each([
  ['yyyy-MM-dd', '24/Nov/2026'],
  ['yyyy-MM-dd', '2026-11-24 07:59:59'],
  ['yyyy-MM-dd', '2026-02-30'],
  ['MMM dd HH:mm:ss', 'Foo 24 07:59:59'],
  ['%s', '1795507199123'],
  ['UNIX', 'boom'],
  ['UNIX', ''],
])('%s does not read %j', (pattern, text) => {
  expect(read(pattern, text)).toBeUndefined()
})

test('a pattern is read in the zone of its source', () => {
  expect(read('dd/MMM/yyyy HH:mm:ss', '24/Nov/2026 08:59:59', 'Europe/Berlin')).toBe(instant)
})

test('seconds since 1970 have no zone', () => {
  expect(read('%s', '1795507199', 'Europe/Berlin')).toBe(instant)
})

test('a letter that means nothing is named', () => {
  expect(() => datePattern('yyyy-bb')).toThrow("bb in the date pattern 'yyyy-bb' means nothing: use letters of Java")
  expect(() => datePattern('%Y-%Q')).toThrow("%Q in the date pattern '%Y-%Q' means nothing: use letters of Java")
})
