import { readFileSync } from 'node:fs'
import { defaultGeneratorOptions, generateLogs } from '../fleet/generator/log-generator.ts'
import { securityRules } from '../fleet/security-files.ts'
import { topics } from '../fleet/topics.ts'
import { loadRules, MatchGatherer, RuleGatherer, type RulePlan } from '../src/alerts/index.ts'
import { noHeaders } from '../src/core/headers.ts'
import { EnrichedLog } from '../topologies/enriched-log.ts'
import { median } from './median.ts'
import { enriching, workerInput } from './parsing/worker-steps.ts'

/**
 * What it costs to gather a log for alert rules, beside what it costs to decode and enrich it: all rules of
 * alerts/fleet.yaml, and each of them by itself, and the Sigma rules of security/rules. One flush, as once a second.
 */
const [records, perSecond] = [20_000, 20_000]
const rounds = Number(process.argv[2] ?? 15)
const startMs = Date.UTC(2026, 10, 24)
const rules = loadRules(readFileSync('alerts/fleet.yaml', 'utf8'), 'alerts/fleet.yaml')

const inputs: { readonly value: Uint8Array; readonly timestamp: number }[] = []
for (const log of generateLogs({ ...defaultGeneratorOptions, malformed: 0, ratePerSecond: perSecond, startMs })) {
  if (log.topic === topics.application.name) inputs.push({ value: log.value, timestamp: log.timestampMs })
  if (inputs.length === records) break
}

const security = securityRules({ rules: 'security/rules' })

let gatherer: RuleGatherer | MatchGatherer = new RuleGatherer([])
const enrich = enriching((log, timeMs) => {
  if (log instanceof EnrichedLog) gatherer.gather(log, timeMs)
})

/** Enriches each log and gathers it right then, as a worker does. */
function nanosecondsOf(plans: readonly RulePlan[] | undefined): number {
  gatherer = plans === undefined && security !== undefined ? new MatchGatherer(security) : new RuleGatherer(plans ?? [])
  globalThis.gc?.()
  const before = process.cpuUsage()
  for (const { value, timestamp } of inputs) {
    const input = workerInput.deserialize(value, topics.application.name, noHeaders)
    enrich.process('key', input, timestamp, noHeaders)
  }
  let bytes = 0
  gatherer.flush((_, gathered) => {
    bytes += JSON.stringify(gathered).length
  })
  const { user, system } = process.cpuUsage(before)
  if (bytes === 0 && plans?.length === rules.length) throw new Error('nothing was gathered')
  return ((user + system) * 1000) / records
}

/** Undefined: the Sigma rules of the fleet. */
const cases = new Map<string, readonly RulePlan[] | undefined>([
  ['no rule', []],
  ['all rules', rules],
  ['security/rules', undefined],
  ...rules.map((rule) => [rule.name, [rule]] as const),
])
const costs = new Map([...cases.keys()].map((name) => [name, [] as number[]]))
for (let round = 0; round < rounds; round++)
  for (const [name, plans] of cases) costs.get(name)?.push(nanosecondsOf(plans))

const without = median(costs.get('no rule') ?? [])
console.log(`${records} logs, median of ${rounds} rounds, CPU time; decoded and enriched: ${without.toFixed(0)} ns`)
for (const [name, of] of costs)
  console.log(`${name.padEnd(22)} ${(median(of) - without).toFixed(0).padStart(6)} ns more`)
