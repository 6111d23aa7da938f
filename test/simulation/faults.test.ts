import { describe, expect, test } from '@jest/globals'
import { FaultPlan } from '../../src/testing/fault-plan.ts'
import { seededRandom } from '../../src/testing/simulator.ts'
import { faultOf, type FaultAt, type FaultPoint, kindsOf, type PlayedCase, play, scenarios } from './fault-cases.ts'

/**
 * Each call of the Kafka driver, the group, the store engine, a serde, a user's function and a sink fails once, with a
 * retriable error or for good: what comes out and what the stores hold must be what a run without faults gives, also from the same disk
 * again. A fault that passes ends nothing, and whatever fails, a process is closed in time.
 *
 * FAULT_CALLS takes so many calls of each operation, or `all`, with every kind of failure, FAULT_SEEDS that many draws
 * of several faults in one run, FAULT_DISTANCES that many of a fault within the recovery from another;
 * FAULT_ENGINE=lmdb has the state on a real disk.
 */
const callsEach = process.env['FAULT_CALLS'] ?? 'some'
const seeds = Number(process.env['FAULT_SEEDS'] ?? 3)
const distances = Number(process.env['FAULT_DISTANCES'] ?? 5)
const faultsMax = 4
const distanceMax = 60
/** In the short form each kind of failure of an operation is tried in every so many scenarios. */
const scenariosPerKind = 4
const longMs = 7_200_000

/** What the property found, as small as it gets. */
const found: readonly (readonly [scenario: string, points: readonly FaultPoint[]])[] = [
  ['processing', [['async call', 1, 'retriable']]],
  ['restoring', [['async call', 8, 'retriable']]],
  ['processing', [['app-global poll', 1, 'retriable']]],
  ['handing over', [['app-global poll', 26, 'retriable']]],
  ['processing', [['admin createTopics', 1, 'lost']]],
  ['processing', [['admin listOffsets', 3, 'fatal']]],
  [
    'restoring',
    [
      ['engine map', 9, 'fatal'],
      ['then', 1],
    ],
  ],
  [
    'failing over to a standby',
    [
      ['engine readOfKey', 1, 'task-corrupted'],
      ['then', 62],
    ],
  ],
]

const rightRuns = new Map<string, Promise<PlayedCase>>()
function rightRun(name: string): Promise<PlayedCase> {
  const run = rightRuns.get(name) ?? play(name, new FaultPlan())
  rightRuns.set(name, run)
  return run
}

async function callsOf(name: string): Promise<readonly (readonly [operation: string, calls: number])[]> {
  return [...(await rightRun(name)).plan.calls].sort(([left], [right]) => (left < right ? -1 : 1))
}

/** The first and the last of the calls, and as many between them as there is room for. */
function chosen(calls: number): readonly number[] {
  const count = Math.min(calls, callsEach === 'all' ? calls : Math.max(2, Number(callsEach)))
  if (count === 1) return [1]
  return Array.from({ length: count }, (_, index) => 1 + Math.round((index * (calls - 1)) / (count - 1)))
}

/** One fault each. */
async function singleFaults(name: string): Promise<readonly FaultAt[]> {
  const at = Object.keys(scenarios).indexOf(name)
  const random = seededRandom(at + 1)
  const kinds = (await callsOf(name)).flatMap(([operation, calls]) =>
    kindsOf(operation).map((kind) => ({ operation, calls, kind })),
  )
  if (callsEach !== 'some') {
    return kinds.flatMap(({ operation, calls, kind }) => chosen(calls).map((call): FaultAt => [operation, call, kind]))
  }
  return kinds
    .filter((_, index) => (index + at) % scenariosPerKind === 0)
    .map(({ operation, calls, kind }) => [operation, 1 + Math.floor(random() * calls), kind])
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
  /** Faults drawn from those of its calls. */
  async function drawn(count: number, pointsOf: (random: () => number, one: () => FaultAt) => readonly FaultPoint[]) {
    const calls = await callsOf(name)
    return Array.from({ length: count }, (_, seed) => {
      const random = seededRandom(seed + 1)
      const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
      return pointsOf(random, () => {
        const [operation, count] = pick(calls)
        return [operation, 1 + Math.floor(random() * count), pick(kindsOf(operation))]
      })
    })
  }

  test('nothing is lost or wrong without faults, nor when the disk is opened again', async () => {
    const { outcome, reopened } = await rightRun(name)
    expect(reopened).toEqual(outcome)
    expect(outcome['sink']).toHaveLength(25)
  })

  test(
    'each call may fail once',
    async () => {
      await check(
        'one fault',
        name,
        (await singleFaults(name)).map((point) => [point]),
      )
    },
    longMs,
  )

  test(
    'several calls may fail',
    async () => {
      const count = (random: () => number) => 2 + Math.floor(random() * (faultsMax - 1))
      await check(
        'several faults',
        name,
        await drawn(seeds, (random, one) => Array.from({ length: count(random) }, one)),
      )
    },
    longMs,
  )

  test(
    'what recovers from a fault may fail',
    async () => {
      const cases = await drawn(distances, (random, one) => [one(), ['then', 1 + Math.floor(random() * distanceMax)]])
      await check('a fault after a fault', name, cases)
    },
    longMs,
  )
})

test.each(found)('what was found while %s stays right: %j', async (name, points) => {
  expect(await faultOf(name, points, (await rightRun(name)).outcome)).toBe(undefined)
})
