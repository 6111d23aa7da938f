import { describe, expect, test } from '@jest/globals'
import { FaultPlan } from '../../src/testing/fault-plan.ts'
import { seededRandom } from '../../src/testing/simulator.ts'
import { faultOf, type FaultPoint, kindsOf, type PlayedCase, play, scenarios } from './fault-cases.ts'

/**
 * Each call of the Kafka driver, the store engine, a serde, an asynchronous function and a sink fails once, for now or for
 * good: what comes out and what the stores hold must be what a run without faults gives, also from the same disk again.
 * A fault that passes ends nothing.
 *
 * FAULT_CALLS=all takes every call of each operation instead of a few of them, FAULT_SEEDS that many draws of several
 * faults in one run.
 */
const callsEach = process.env['FAULT_CALLS'] ?? '2'
const seeds = Number(process.env['FAULT_SEEDS'] ?? 12)
const faultsMax = 4
const longMs = 3_600_000

/** What the property found, as small as it gets. */
const found: readonly (readonly [scenario: string, points: readonly FaultPoint[]])[] = [
  ['processing', [['async call', 1, 'retriable']]],
  ['restoring', [['async call', 8, 'retriable']]],
  ['processing', [['app-global poll', 1, 'retriable']]],
  ['handing over', [['app-global poll', 26, 'retriable']]],
  ['processing', [['admin createTopics', 1, 'lost']]],
  ['processing', [['admin listOffsets', 3, 'fatal']]],
]

const rightRuns = new Map<string, Promise<PlayedCase>>()
function rightRun(name: string): Promise<PlayedCase> {
  const run = rightRuns.get(name) ?? play(name, new FaultPlan())
  rightRuns.set(name, run)
  return run
}

/** Some of the calls, the first and the last among them. */
function chosen(calls: number): readonly number[] {
  const count = callsEach === 'all' ? calls : Math.min(calls, Number(callsEach))
  if (count === 1) return [calls]
  return [...new Set(Array.from({ length: count }, (_, index) => 1 + Math.round((index * (calls - 1)) / (count - 1))))]
}

async function check(what: string, name: string, cases: readonly (readonly FaultPoint[])[]): Promise<void> {
  const { outcome } = await rightRun(name)
  const wrong: string[] = []
  for (const points of cases) {
    const fault = await faultOf(name, points, outcome)
    if (fault !== undefined) wrong.push(`${JSON.stringify(points)}: ${fault}`)
  }
  process.stdout.write(`${what} while ${name}: ${cases.length} cases\n`)
  expect(wrong).toEqual([])
}

describe.each(Object.keys(scenarios))('while %s', (name) => {
  test('nothing is lost or wrong without faults, nor when the disk is opened again', async () => {
    const { outcome, reopened } = await rightRun(name)
    expect(reopened).toEqual(outcome)
    expect(outcome['sink']).toHaveLength(24)
  })

  test(
    'each call may fail once',
    async () => {
      const { plan } = await rightRun(name)
      const cases = [...plan.calls].flatMap(([operation, calls]) =>
        chosen(calls).flatMap((call) => kindsOf(operation).map((kind): FaultPoint[] => [[operation, call, kind]])),
      )
      await check('one fault', name, cases)
    },
    longMs,
  )

  test(
    'several calls may fail',
    async () => {
      const calls = [...(await rightRun(name)).plan.calls]
      const cases = Array.from({ length: seeds }, (_, seed) => {
        const random = seededRandom(seed + 1)
        const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
        return Array.from({ length: 2 + Math.floor(random() * (faultsMax - 1)) }, (): FaultPoint => {
          const [operation, count] = pick(calls)
          return [operation, 1 + Math.floor(random() * count), pick(kindsOf(operation))]
        })
      })
      await check('several faults', name, cases)
    },
    longMs,
  )
})

test.each(found)('what was found while %s stays right: %j', async (name, points) => {
  expect(await faultOf(name, points, (await rightRun(name)).outcome)).toBe(undefined)
})
