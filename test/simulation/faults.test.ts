import { describe, expect, test } from '@jest/globals'
import { FaultPlan } from '../../src/testing/fault-plan.ts'
import { type ErrorKind, kindsOf, type Outcome, planOf, play, scenarios } from './fault-cases.ts'

/**
 * Each call of the Kafka driver, the store engine, a serde, an asynchronous function and a sink fails once, for now or for
 * good: what comes out and what the stores hold must be what a run without faults gives, also from the same disk again.
 * A fault that passes ends nothing. FAULT_CALLS=all takes every call of each operation instead of a few of them.
 */
const callsEach = process.env['FAULT_CALLS'] ?? '2'

/** Some of the calls, the first and the last among them. */
function chosen(calls: number): readonly number[] {
  const count = callsEach === 'all' ? calls : Math.min(calls, Number(callsEach))
  if (count === 1) return [calls]
  return [...new Set(Array.from({ length: count }, (_, index) => 1 + Math.round((index * (calls - 1)) / (count - 1))))]
}

/** What is wrong with a run; undefined where nothing is. */
async function faultOf(name: string, operation: string, call: number, kind: ErrorKind, right: Outcome) {
  const plan = planOf(operation, call, kind)
  try {
    const { outcome, reopened, deaths } = await play(name, plan)
    for (const [what, found] of [
      ['', outcome],
      ['reopened: ', reopened],
    ] as const)
      for (const [place, expected] of Object.entries(right))
        if (JSON.stringify(found[place]) !== JSON.stringify(expected))
          return `${what}${place} is ${JSON.stringify(found[place])}, not ${JSON.stringify(expected)}`
    if (deaths > 0 && kind !== 'fatal') return `a fault that passes ended the application (${deaths} times)`
    return undefined
  } catch (error) {
    return String(error)
  }
}

describe('each call fails once', () => {
  test.each(Object.keys(scenarios))(
    'while %s',
    async (name) => {
      const { plan, outcome, reopened } = await play(name, new FaultPlan())
      expect(reopened).toEqual(outcome)
      const wrong: string[] = []
      let cases = 0
      for (const [operation, calls] of plan.calls) {
        for (const call of chosen(calls)) {
          for (const kind of kindsOf(operation)) {
            cases++
            const fault = await faultOf(name, operation, call, kind, outcome)
            if (fault !== undefined) wrong.push(`${kind} in call ${call} of ${operation}: ${fault}`)
          }
        }
      }
      process.stdout.write(`faults while ${name}: ${cases} cases, ${wrong.length} wrong\n`)
      expect(wrong).toEqual([])
    },
    3_600_000,
  )
})
