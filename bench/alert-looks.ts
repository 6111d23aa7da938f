import { AlertEvaluator, rule, type RuleDefinition } from '../src/alerts/index.ts'
import { median } from './median.ts'

/**
 * What a log costs the evaluation of a rule, with all looks at its window that follow: measures over 5 minutes in steps of
 * 5 seconds, as a replay evaluates them log by log.
 */
const rounds = Number(process.argv[2] ?? 7)
const [logs, perSecond] = [2000, 2]
const rules: readonly RuleDefinition[] = [
  { name: 'count', kind: 'threshold', ...looks() },
  { name: 'avg', kind: 'threshold', measure: 'avg(durationMs)', ...looks() },
  { name: 'p95', kind: 'threshold', measure: 'p95(durationMs)', ...looks() },
  { name: 'distinct', kind: 'cardinality', field: 'user', ...looks() },
]

function looks() {
  return { window: '5m', every: '5s', fire: '> 1000000' } as const
}

/** The same numbers in each run: a few fast ones, and some that are very slow. */
function durationMs(index: number): number {
  const share = ((index * 2_654_435_761) % 2 ** 32) / 2 ** 32
  return Math.round(20 * Math.exp(5 * share * share))
}

function microsecondsOf(definition: RuleDefinition): number {
  const evaluator = new AlertEvaluator(rule(definition))
  const state = evaluator.start([], 0)
  globalThis.gc?.()
  const before = process.cpuUsage()
  for (let index = 0; index < logs; index++) {
    const timeMs = (index * 1000) / perSecond
    const observation = { timeMs, count: 1, number: durationMs(index), text: `user-${index % 500}` }
    evaluator.observe(state, observation, timeMs)
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / logs
}

const costs = rules.map(() => [] as number[])
for (let round = 0; round < rounds; round++)
  for (const [index, definition] of rules.entries()) costs[index]?.push(microsecondsOf(definition))
console.log(`${logs} logs, median of ${rounds} rounds, CPU time`)
for (const [index, { name }] of rules.entries()) {
  console.log(
    `${name.padEnd(10)} ${median(costs[index] ?? [])
      .toFixed(1)
      .padStart(7)} µs a log`,
  )
}
