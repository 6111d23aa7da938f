import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type AlertChange, rule, type RuleDefinition } from '../../../../src/alerts/index.ts'
import { modelEpisodes } from '../../alerts/episodes/alert-model.ts'
import { AlertOwners, startMs } from './alert-owners.ts'

const sources = ['logs/0', 'logs/1', 'logs/2']
const endSecond = 800
const definition = {
  name: 'errors',
  kind: 'threshold',
  groupBy: ['service'],
  window: '1m',
  every: '10s',
  fire: '>= 5',
  clear: '< 3',
  grace: '30s',
} satisfies RuleDefinition

interface Log {
  readonly source: string
  readonly second: number
  readonly count: number
  /** How many seconds after its time its source has it. */
  readonly delay: number
}

/** A source reads on for so many seconds; then another process may begin. */
interface Turn {
  readonly source: string
  readonly seconds: number
  readonly isReplaced: boolean
}

interface Span {
  readonly firedMs: number
  readonly resolvedMs: number
}

const source = fc.constantFrom(...sources)
const logs = fc.array(
  fc.record({
    source,
    second: fc.integer({ min: 0, max: 600 }),
    count: fc.integer({ min: 1, max: 6 }),
    delay: fc.integer({ min: 0, max: 29 }),
  }),
  { minLength: 1, maxLength: 25 },
)
const turns = fc.array(fc.record({ source, seconds: fc.integer({ min: 1, max: 120 }), isReplaced: fc.boolean() }), {
  maxLength: 40,
})

function play(one: RuleDefinition, all: readonly Log[], order: readonly Turn[]): readonly AlertChange[] {
  const owners = new AlertOwners()
  owners.begin([one])
  for (const name of sources) owners.tick(0, name)
  const read = new Map(sources.map((name) => [name, 0]))
  const last = sources.map((name) => ({ source: name, seconds: endSecond, isReplaced: false }))
  for (const { source: name, seconds, isReplaced } of [...order, ...last]) {
    const from = read.get(name) ?? 0
    const to = Math.min(endSecond, from + seconds)
    read.set(name, to)
    const found = all.filter(
      (log) => log.source === name && log.second + log.delay >= from && log.second + log.delay < to,
    )
    for (const { second, count } of found) owners.logs(second, ['errors'], { count }, name)
    owners.tick(Math.max(0, to - 30, ...found.map(({ second }) => second)), name)
    if (isReplaced) owners.begin([one])
  }
  for (const name of sources) owners.tick(2000, name)
  owners.waitSeconds(2)
  return owners.changes()
}

/** From the first firing to the end of each alert that has fired. */
function spansOf(changes: readonly AlertChange[]): readonly Span[] {
  const fired = changes.filter(({ status }) => status === 'firing')
  return changes
    .filter(({ status, episode }) => status === 'resolved' && fired.some((one) => one.episode === episode))
    .map(({ episode, timeMs }) => ({
      firedMs: (fired.find((one) => one.episode === episode)?.timeMs ?? Number.NaN) - startMs,
      resolvedMs: timeMs - startMs,
    }))
}

test.each([
  [{}, {}],
  [{ for: '20s' }, {}],
  [{}, { keep: '30s' }],
  [{ for: '20s' }, { keep: '30s' }],
] as const)('alerts of sources that are behind each other are those of all logs together, %j %j', (waits, keeps) => {
  const one: RuleDefinition = { ...definition, ...waits, ...keeps }
  const plan = rule(one)
  const limits = { fires: (value: number) => value >= 5, clears: (value: number) => value < 3 }
  fc.assert(
    fc.property(logs, turns, (all, order) => {
      const events = all.flatMap(({ second, count }) =>
        Array.from({ length: count }, () => ({ second, value: 1, isBad: false })),
      )
      const expected = modelEpisodes(plan, events, (some) => some.length, limits, 1_500_000)
      const changes = play(one, all, order)
      const found = spansOf(changes)
      // An alert that began before an earlier one was known stands for both.
      for (const { firedMs, resolvedMs } of found) expect(resolvedMs).toBeGreaterThan(firedMs)
      expect(expected.map(({ resolvedMs }) => resolvedMs)).toEqual(
        expect.arrayContaining(found.map(({ resolvedMs }) => resolvedMs)),
      )
      expect(found.at(-1)?.resolvedMs).toBe(expected.at(-1)?.resolvedMs)
      expect(new Set(changes.map(({ episode, status, timeMs }) => `${episode} ${status} ${timeMs}`)).size).toBe(
        changes.length,
      )
    }),
    { seed: 221, numRuns: 100 },
  )
})
