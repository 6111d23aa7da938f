import { expect, test } from '@jest/globals'
import type { AlertChange } from '../../../../src/alerts/index.ts'
import { MockProcessorContext } from '../../../../src/testing/index.ts'
import {
  defaultExecutionSettings,
  type ExecutionSettings,
} from '../../../../topologies/executions/execution-settings.ts'
import { judgeProcessor } from '../../../../topologies/executions/judge-processor.ts'
import { type Outcome, outcomeKey } from '../../../../topologies/executions/outcome.ts'

const startMs = Date.UTC(2026, 11, 1, 12)
const dayMs = 86_400_000

/** Processes that judge, one after another, with the same stores. */
class Judges {
  readonly #settings: ExecutionSettings
  readonly #context: MockProcessorContext<string, AlertChange>
  #processor: ReturnType<ReturnType<typeof judgeProcessor>['create']>
  #streamMs = -1

  constructor(more: Partial<ExecutionSettings> = {}) {
    this.#settings = { ...defaultExecutionSettings, ...more }
    const supplier = judgeProcessor(this.#settings)
    this.#context = new MockProcessorContext({ stores: supplier.stores ?? [] })
    this.#context.isCaughtUp = () => true
    this.#context.currentStreamTimeMs = () => this.#streamMs
    this.#processor = supplier.create()
    this.#processor.init?.(this.#context)
  }

  /** Another process has the stores from now on. */
  next(): void {
    this.#processor = judgeProcessor(this.#settings).create()
    this.#processor.init?.(this.#context)
  }

  judge(...outcomes: readonly Outcome[]): readonly string[] {
    for (const value of outcomes) this.process(value)
    return this.told()
  }

  process(value: Outcome): void {
    const timestamp = value.endMs ?? value.startMs
    this.#streamMs = Math.max(this.#streamMs, timestamp)
    this.#processor.process({ key: outcomeKey(value), value, timestamp, headers: [] })
  }

  waitUntil(timeMs: number): readonly string[] {
    this.#context.punctuations.at(-1)?.punctuate(timeMs)
    return this.told()
  }

  told(): readonly string[] {
    return this.changes().map(({ status, severity, rule }) => `${status} ${severity} ${rule}`)
  }

  changes(): readonly AlertChange[] {
    return this.#context.forwarded.splice(0).map(({ record }) => record.value)
  }
}

let executions = 0

function outcome(second: number, more: Partial<Outcome> = {}): Outcome {
  const executionId = `e${executions++}`
  const endMs = startMs + second * 1000
  const base = { key: `s/${executionId}`, executionId, scenarioId: 's', organizationId: 'o', revision: 2, credits: 0 }
  return { ...base, status: 'success', startMs: endMs - 1000, endMs, durationMs: 1000, error: '', ...more }
}

const failed = (second: number, more: Partial<Outcome> = {}) =>
  outcome(second, { status: 'error', error: 'no', ...more })

test('a failed execution is an alert of its scenario, until one does not fail', () => {
  const judges = new Judges()
  expect(judges.judge(outcome(0))).toEqual([])
  expect(judges.judge(failed(1))).toEqual(['firing medium executionFailure'])
  expect(judges.judge(outcome(2))).toEqual(['resolved medium executionFailure'])
})

test('what is said of a failure names the execution and its error', () => {
  const judges = new Judges()
  const failure = failed(1)
  judges.process(failure)
  expect(judges.changes()).toMatchObject([
    {
      key: 'executionFailure{organizationId="o",scenarioId="s"}',
      group: { organizationId: 'o', scenarioId: 's' },
      summary: `scenario s: execution ${failure.executionId} failed (no)`,
      timeMs: failure.endMs,
      value: 1,
    },
  ])
})

test('three failures in a row are severe', () => {
  expect(new Judges().judge(failed(0), failed(1), failed(2), failed(3))).toEqual([
    'firing medium executionFailure',
    'firing medium executionFailure',
    'firing high executionFailure',
  ])
})

test('an execution that is sent again changes nothing, also by another process', () => {
  const judges = new Judges()
  const all = [failed(1, { credits: 5 }), outcome(2), failed(3), outcome(4)]
  judges.judge(...all)
  judges.next()
  expect(judges.judge(...all)).toEqual([])
})

test('a late end corrects a time-out', () => {
  const judges = new Judges()
  const late = outcome(5, { revision: 4 })
  const { key, executionId } = late
  expect(judges.judge(outcome(100, { key, executionId, status: 'timed-out', durationMs: null, revision: 3 }))).toEqual([
    'firing medium executionFailure',
  ])
  expect(judges.judge(late)).toEqual(['resolved medium executionFailure'])
})

test('a correction of one failure leaves another', () => {
  const judges = new Judges()
  const late = outcome(1, { revision: 4 })
  const { key, executionId } = late
  judges.judge(outcome(50, { key, executionId, status: 'timed-out', durationMs: null, revision: 3 }), failed(60))
  expect(judges.judge(late)).toEqual([])
  expect(judges.judge(outcome(70))).toEqual(['resolved medium executionFailure'])
})

test('a failure that was too old to count is none that a correction could take back', () => {
  const judges = new Judges()
  judges.judge(outcome(10))
  const old = failed(5)
  judges.judge(old, failed(20))
  expect(judges.judge({ ...old, status: 'success', revision: 4 })).toEqual([])
})

test('a failure that is older than a success is no alert', () => {
  expect(new Judges().judge(outcome(10), failed(5))).toEqual([])
})

test('a scenario that runs no longer has no alert after 30 days', () => {
  const judges = new Judges()
  judges.judge(failed(0))
  expect(judges.waitUntil(startMs + 29 * dayMs)).toEqual([])
  expect(judges.waitUntil(startMs + 31 * dayMs)).toEqual(['resolved medium executionFailure'])
})

const took = (second: number, durationMs: number) => outcome(second, { durationMs })
const usualRuns = (count: number) => Array.from({ length: count }, (_, index) => took(index, 900 + (index % 10) * 20))

test('executions that become slow are an alert, until they are fast again', () => {
  const judges = new Judges()
  expect(judges.judge(...usualRuns(40))).toEqual([])
  expect(judges.judge(took(40, 5000), took(41, 5000))).toEqual([])
  expect(judges.judge(took(42, 5000))).toEqual(['firing high performanceDegradation'])
  expect(judges.judge(...[43, 44, 45].map((second) => took(second, 950)))).toEqual([
    'resolved high performanceDegradation',
  ])
})

test('one slow execution is none', () => {
  const judges = new Judges()
  judges.judge(...usualRuns(40))
  expect(judges.judge(took(41, 60_000), took(42, 950), took(43, 950))).toEqual([])
})

test('a scenario whose durations differ by much is not slow', () => {
  const judges = new Judges()
  const told = Array.from({ length: 400 }, (_, index) => judges.judge(took(index, index % 2 === 0 ? 100 : 10_000)))
  expect(told.flat()).toEqual([])
})

test('nothing is slow before the scenario is known', () => {
  const judges = new Judges({ baselineRuns: 30 })
  judges.judge(...usualRuns(20))
  expect(judges.judge(...[20, 21, 22, 23, 24].map((second) => took(second, 60_000)))).toEqual([])
})

test('what stays slow for some hundred executions is usual', () => {
  const judges = new Judges()
  judges.judge(...usualRuns(200))
  const told = Array.from({ length: 1000 }, (_, index) => judges.judge(took(200 + index, 5000)))
  const ends = told.findIndex((one) => one.includes('resolved high performanceDegradation'))
  expect(told.flat()).toEqual(['firing high performanceDegradation', 'resolved high performanceDegradation'])
  expect(ends).toBeGreaterThan(60)
})

test('failed executions say nothing of durations', () => {
  const judges = new Judges()
  judges.judge(...usualRuns(40))
  const told = judges.judge(...[40, 41, 42, 43, 44].map((second) => failed(second, { durationMs: 60_000 })))
  expect(told.filter((one) => one.includes('performance'))).toEqual([])
})

const withThresholds = { credits: { period: 'month', all: [100, 200], own: new Map([['rich', [1000]]]) } } as const
const uses = (second: number, credits: number, more: Partial<Outcome> = {}) => outcome(second, { credits, ...more })

test('credits that reach a threshold are an alert of the organization, until the month is over', () => {
  const judges = new Judges(withThresholds)
  expect(judges.judge(uses(0, 60))).toEqual([])
  expect(judges.judge(uses(1, 60, { scenarioId: 'other' }))).toEqual(['firing medium creditThresholdReached'])
  expect(judges.judge(uses(2, 20))).toEqual([])
  expect(judges.judge(uses(3, 60))).toEqual(['firing high creditThresholdReached'])
  expect(judges.waitUntil(Date.UTC(2026, 11, 31))).toEqual([])
  expect(judges.waitUntil(Date.UTC(2027, 0, 1, 1))).toEqual(['resolved high creditThresholdReached'])
  expect(judges.waitUntil(Date.UTC(2027, 0, 1, 2))).toEqual([])
})

test('an organization with thresholds of its own has these', () => {
  const judges = new Judges(withThresholds)
  expect(judges.judge(uses(0, 900, { organizationId: 'rich' }))).toEqual([])
  expect(judges.judge(uses(1, 100, { organizationId: 'rich' }))).toEqual(['firing high creditThresholdReached'])
})

test('credits of an execution count once, as it reports them last', () => {
  const judges = new Judges(withThresholds)
  const first = uses(0, 60, { status: 'running', endMs: null, durationMs: null, revision: 2 })
  expect(
    judges.judge(first, { ...first, revision: 4, credits: 90 }, first, { ...first, revision: 6, credits: 99 }),
  ).toEqual([])
  expect(judges.judge(uses(1, 1))).toEqual(['firing medium creditThresholdReached'])
})

test('each month begins with no credits', () => {
  const judges = new Judges(withThresholds)
  judges.judge(uses(0, 99))
  const inJanuary = (Date.UTC(2027, 0, 2) - startMs) / 1000
  expect(judges.judge(uses(inJanuary, 99))).toEqual([])
})

test('what is older than it could be corrected is history', () => {
  const judges = new Judges(withThresholds)
  judges.judge(outcome(0))
  expect(judges.judge(failed(-3 * 86_400, { credits: 5000 }))).toEqual([])
})

test('an execution of no organization has no credits to count', () => {
  const judges = new Judges(withThresholds)
  expect(judges.judge(uses(0, 5000, { organizationId: null }))).toEqual([])
})
