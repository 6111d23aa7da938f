import { describe, expect, test } from '@jest/globals'
import { QuietHours, type QuietTime } from '../../../../src/alerts/notices/quiet-hours.ts'

/** When quiet times end that hold this moment. */
function endOf(zone: string, times: readonly QuietTime[], at: string): string | undefined {
  const endMs = new QuietHours({ zone, times }).endMs(Date.parse(at))
  return endMs === undefined ? undefined : new Date(endMs).toISOString()
}

/** Each stretch of quiet between two moments, found minute by minute. */
function stretches(zone: string, times: readonly QuietTime[], from: string, to: string): readonly string[] {
  const hours = new QuietHours({ zone, times })
  const found: string[] = []
  let wasQuiet = false
  for (let atMs = Date.parse(from); atMs < Date.parse(to); atMs += 60_000) {
    const isQuiet = hours.endMs(atMs) !== undefined
    if (isQuiet !== wasQuiet) found.push(`${isQuiet ? 'quiet' : 'loud'} ${new Date(atMs).toISOString().slice(5, 16)}`)
    wasQuiet = isQuiet
  }
  return found
}

const night = [{ from: '22:00', to: '07:00' }] as const

describe('quiet hours', () => {
  test('hold until their end on the next day', () => {
    expect(endOf('Europe/Berlin', night, '2026-01-10T22:30:00Z')).toBe('2026-01-11T06:00:00.000Z')
  })

  test('hold after midnight', () => {
    expect(endOf('Europe/Berlin', night, '2026-01-11T03:00:00Z')).toBe('2026-01-11T06:00:00.000Z')
  })

  test('begin with their first minute', () => {
    expect(endOf('Europe/Berlin', night, '2026-01-10T21:00:00Z')).toBe('2026-01-11T06:00:00.000Z')
  })

  test('are over at their end', () => {
    expect(endOf('Europe/Berlin', night, '2026-01-11T06:00:00Z')).toBeUndefined()
  })

  test('of a day belong to the day on which they begin', () => {
    const friday = [{ from: '22:00', to: '07:00', days: ['friday'] }] as const
    // 2026-01-09 is a Friday.
    expect(stretches('UTC', friday, '2026-01-08T00:00:00Z', '2026-01-12T00:00:00Z')).toEqual([
      'quiet 01-09T22:00',
      'loud 01-10T07:00',
    ])
  })

  test('that touch are one with one end', () => {
    const weekend = [
      { from: '22:00', to: '07:00' },
      { from: '00:00', to: '24:00', days: ['saturday', 'sunday'] },
    ] as const
    expect(endOf('UTC', weekend, '2026-01-09T23:00:00Z')).toBe('2026-01-12T07:00:00.000Z')
  })

  test('that never end have an end that moves on', () => {
    const always = [{ from: '00:00', to: '24:00' }] as const
    expect(endOf('UTC', always, '2026-01-09T23:00:00Z')).toBeDefined()
  })
})

describe('a night on which clocks change is quiet once, by the clock on the wall', () => {
  test('in Berlin in spring: an hour shorter', () => {
    expect(stretches('Europe/Berlin', night, '2026-03-28T12:00:00Z', '2026-03-29T12:00:00Z')).toEqual([
      'quiet 03-28T21:00',
      'loud 03-29T05:00',
    ])
  })

  test('in Berlin in autumn: an hour longer', () => {
    expect(stretches('Europe/Berlin', night, '2026-10-24T12:00:00Z', '2026-10-25T12:00:00Z')).toEqual([
      'quiet 10-24T20:00',
      'loud 10-25T06:00',
    ])
  })

  test('in New York in spring', () => {
    expect(stretches('America/New_York', night, '2026-03-07T12:00:00Z', '2026-03-08T18:00:00Z')).toEqual([
      'quiet 03-08T03:00',
      'loud 03-08T11:00',
    ])
  })

  test('in New York in autumn', () => {
    expect(stretches('America/New_York', night, '2026-10-31T12:00:00Z', '2026-11-01T18:00:00Z')).toEqual([
      'quiet 11-01T02:00',
      'loud 11-01T12:00',
    ])
  })

  test('on Lord Howe Island, whose clocks move by half an hour', () => {
    // Until 2026-04-05 02:00 it is 11 hours ahead, then ten and a half; from 2026-10-04 02:00 eleven again.
    expect(stretches('Australia/Lord_Howe', night, '2026-04-04T06:00:00Z', '2026-04-05T06:00:00Z')).toEqual([
      'quiet 04-04T11:00',
      'loud 04-04T20:30',
    ])
    expect(stretches('Australia/Lord_Howe', night, '2026-10-03T06:00:00Z', '2026-10-04T06:00:00Z')).toEqual([
      'quiet 10-03T11:30',
      'loud 10-03T20:00',
    ])
  })
})

describe('quiet hours that begin or end where clocks change', () => {
  const untilHalfPastTwo = [{ from: '22:00', to: '02:30' }] as const
  const fromHalfPastTwo = [{ from: '02:30', to: '05:00' }] as const
  const [spring, springEnd] = ['2026-03-28T12:00:00Z', '2026-03-29T12:00:00Z'] as const
  const [autumn, autumnEnd] = ['2026-10-24T12:00:00Z', '2026-10-25T12:00:00Z'] as const

  test('end at the moment that skips their end', () => {
    expect(stretches('Europe/Berlin', untilHalfPastTwo, spring, springEnd)).toEqual([
      'quiet 03-28T21:00',
      'loud 03-29T01:00',
    ])
  })

  test('begin at the moment that skips their beginning', () => {
    expect(stretches('Europe/Berlin', fromHalfPastTwo, spring, springEnd)).toEqual([
      'quiet 03-29T01:00',
      'loud 03-29T03:00',
    ])
  })

  test('end when their end is shown for the second time', () => {
    expect(stretches('Europe/Berlin', untilHalfPastTwo, autumn, autumnEnd)).toEqual([
      'quiet 10-24T20:00',
      'loud 10-25T01:30',
    ])
  })

  test('begin when their beginning is shown for the first time', () => {
    expect(stretches('Europe/Berlin', fromHalfPastTwo, autumn, autumnEnd)).toEqual([
      'quiet 10-25T00:30',
      'loud 10-25T04:00',
    ])
  })

  test('are no quiet at all where the skipped half hour holds them whole', () => {
    const within = [{ from: '02:05', to: '02:25' }] as const
    expect(stretches('Australia/Lord_Howe', within, '2026-10-03T06:00:00Z', '2026-10-04T06:00:00Z')).toEqual([])
  })
})
