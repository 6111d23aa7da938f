import { describe, expect, test } from '@jest/globals'
import { AlertPlay } from '../../../../src/alerts/alert-play.ts'
import { type AlertChange, rule, type RuleDefinition } from '../../../../src/alerts/index.ts'
import { LogEvent } from '../../../../src/pipelines/index.ts'

const startMs = Date.UTC(2026, 10, 24, 8)
const errors: RuleDefinition = { name: 'errors', kind: 'threshold', groupBy: ['service'], window: '1m', fire: '> 0' }
const slow: RuleDefinition = { ...errors, name: 'slow', where: "service != 'fast'" }
const both: RuleDefinition = { name: 'both', kind: 'correlation', window: '5m', rules: ['errors', 'slow'] }

/** One log of each service, at the same second. */
function play(services: readonly string[], definitions: readonly RuleDefinition[]): readonly AlertChange[] {
  const alerts = new AlertPlay(definitions.map(rule))
  for (const service of services) {
    const event = new LogEvent('', startMs, 'test')
    event.fields.service = service
    alerts.log(event)
  }
  alerts.advance(startMs + 3_600_000)
  return alerts.changes.filter(({ rule: name }) => name === 'both')
}

describe('a correlation', () => {
  test.each([1, 150, 600])('of %d groups that fire and end together fires once, and ends after its window', (count) => {
    const services = Array.from({ length: count }, (_, index) => `service-${index}`)
    const found = play(services, [errors, slow, both])
    expect(found.map(({ status, timeMs }) => [status, (timeMs - startMs) / 1000])).toEqual([
      ['firing', 0],
      ['resolved', 375],
    ])
  })

  test('knows a rule with a name that every object has', () => {
    const found = play(
      ['shop'],
      [{ ...errors, name: 'constructor' }, slow, { ...both, rules: ['constructor', 'slow'] }],
    )
    expect(found.map(({ status }) => status)).toEqual(['firing', 'resolved'])
  })

  test('does not fire where many groups of one rule fire alone', () => {
    expect(
      play(
        Array.from({ length: 500 }, () => 'fast'),
        [errors, slow, both],
      ),
    ).toEqual([])
  })

  test('counts an alert that begins and ends within one of its buckets', () => {
    const short = { every: '1s', grace: '0s', window: '1s' } as const
    const coarse: RuleDefinition = { ...both, window: '20m', every: '10m' }
    const found = play(['a'], [{ ...errors, ...short }, { ...slow, ...short }, coarse])
    expect(found.map(({ status }) => status)).toEqual(['firing', 'resolved'])
  })
})
