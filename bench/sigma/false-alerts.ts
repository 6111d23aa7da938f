import {
  AlertEvaluator,
  alertKey,
  type AlertState,
  MatchGatherer,
  type RuleLog,
  type SecurityRules,
} from '../../src/alerts/index.ts'
import { failedLogin, fieldAt, type LogEvent, newFields, pipeline } from '../../src/pipelines/index.ts'
import { type BenignLine, benignLines } from './benign-lines.ts'

/** What rules make of lines that nobody should be alarmed by. */
export interface FalseAlerts {
  readonly lines: number
  /** Alerts that fired, by rule. */
  readonly byRule: ReadonlyMap<string, number>
  /** Some lines of each. */
  readonly examples: ReadonlyMap<string, string>
  /** Processor time of the rules, per log. */
  readonly microseconds: number
}

const flushEveryMs = 60_000
const seed = 7
const startMs = Date.UTC(2026, 10, 24)
const batchSize = 100

/** So many benign lines through a pipeline, the gatherer of the log workers and the evaluation of the alerts worker. */
export function falseAlerts(security: SecurityRules, count: number): FalseAlerts {
  const evaluators = new Map(security.plans.map((plan) => [plan.name, new AlertEvaluator(plan)]))
  const states = new Map<string, AlertState>()
  const byRule = new Map<string, number>()
  const examples = new Map<string, string>()
  const gatherer = new MatchGatherer(security)
  const reader = pipeline({ name: 'benign', joinLines: false }).open()
  let flushedMs = startMs
  let spentUs = 0
  const flush = (nowMs: number): void => {
    flushedMs = nowMs
    gatherer.flush((_, { group, rules }) => {
      for (const [name, observations] of Object.entries(rules)) {
        const evaluator = evaluators.get(name) as AlertEvaluator
        const key = alertKey(evaluator.plan, group)
        const state = states.get(key) ?? evaluator.start(group, nowMs - flushEveryMs, nowMs)
        states.set(key, state)
        for (const observation of observations) evaluator.take(state, observation, nowMs)
        for (const change of evaluator.advance(state, nowMs - flushEveryMs, nowMs)) {
          if (change.status !== 'firing') continue
          byRule.set(name, (byRule.get(name) ?? 0) + 1)
          examples.set(name, change.examples[0] ?? '')
        }
      }
    })
  }
  let batch: { readonly log: RuleLog; readonly timeMs: number }[] = []
  const gatherBatch = (): void => {
    const before = process.cpuUsage()
    for (const { log, timeMs } of batch) gatherer.gather(log, timeMs)
    const { user, system } = process.cpuUsage(before)
    spentUs += user + system
    const lastMs = batch.at(-1)?.timeMs ?? flushedMs
    batch = []
    if (lastMs - flushedMs >= flushEveryMs) flush(lastMs)
  }
  for (const one of benignLines(count, seed, startMs)) {
    for (const event of reader.read(one.line, one.timeMs, 'benign') ?? []) {
      batch.push({ log: logOf(event, one), timeMs: one.timeMs })
    }
    if (batch.length >= batchSize) gatherBatch()
  }
  gatherBatch()
  flush(flushedMs + flushEveryMs)
  return { lines: count, byRule, examples, microseconds: spentUs / count }
}

/** As an enriched log has it: its JSON is there already, its fields are read when somebody asks. */
function logOf({ fields }: LogEvent, { line }: BenignLine): RuleLog {
  const text = JSON.stringify(fields)
  const { message, ip } = fields as { readonly message?: string; readonly ip?: string }
  const login = failedLogin({ text: line, message, ip })
  const ofLogin = login === undefined ? undefined : Object.assign(newFields(), login)
  return {
    login,
    sample: line,
    seen: ({ text: name, ...path }) =>
      name.startsWith(loginPrefix)
        ? ofLogin?.[name.slice(loginPrefix.length)]
        : fieldAt(fields, { text: name, ...path }),
    toText: () => text,
  }
}

const loginPrefix = 'failedLogin.'
