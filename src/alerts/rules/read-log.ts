import { type FieldPath, type FieldValue, failedLogin, fieldPath, newFields } from '../../pipelines/index.ts'
import type { LogEvent } from '../../pipelines/index.ts'
import type { AlertChange } from '../alert-change.ts'
import type { Observation } from './observation.ts'
import type { RulePlan } from './plan.ts'
import { groupValue, measuredNumber, measuredText } from './read-values.ts'

/** The values of a rule's `groupBy`, in its order. */
export type GroupValues = readonly string[]

/** Is told what a log means to a rule. */
export type TakeObservation = (plan: RulePlan, group: GroupValues, observation: Observation) => void

const [message, host, ip, statusCode] = ['message', 'host', 'ip', 'statusCode'].map(fieldPath) as [
  FieldPath,
  FieldPath,
  FieldPath,
  FieldPath,
]
const loginField = fieldPath('failedLogin')
const emptyGroup: GroupValues = Object.freeze([])

/** Reads logs for rules: which of them a log concerns, in which group, and with which value. */
export class RuleReader {
  readonly #plans: readonly RulePlan[]
  readonly #correlations: readonly RulePlan[]
  readonly #readsLogins: boolean

  constructor(plans: readonly RulePlan[]) {
    this.#plans = plans.filter(({ watch }) => watch.by !== 'correlation')
    this.#correlations = plans.filter(({ watch }) => watch.by === 'correlation')
    this.#readsLogins = plans.some(({ read }) => read.isOfLogins)
  }

  /** The event gets a field `failedLogin`, where it tells of one and a rule asks for it. `sample`: the line, redacted. */
  read(event: LogEvent, timeMs: number, sample: string, take: TakeObservation): void {
    if (this.#readsLogins) addLogin(event)
    for (const plan of this.#plans) {
      const { where } = plan.read
      if (where !== undefined && !where(event)) continue
      const values = valuesOf(plan, event)
      if (values === undefined) continue
      const group = groupOf(plan.read.groupBy, event)
      if (group !== undefined) take(plan, group, { timeMs, count: 1, ...values, sample })
    }
  }

  /** Reads a change of another rule, for correlations. */
  readChange({ key, rule, group, status, timeMs, examples: [sample] }: AlertChange, take: TakeObservation): void {
    if (status !== 'firing' && status !== 'resolved') return
    for (const plan of this.#correlations) {
      if (plan.watch.by !== 'correlation' || !plan.watch.rules.includes(rule)) continue
      const values = plan.read.groupBy.map(({ text }) => group[text] ?? '')
      const bad = status === 'firing' ? 1 : 0
      take(plan, values, { timeMs, count: 1, bad, text: key, ...(sample !== undefined && { sample }) })
    }
  }
}

/** Undefined: the log is of no group. */
function groupOf(groupBy: readonly FieldPath[], event: LogEvent): GroupValues | undefined {
  if (groupBy.length === 0) return emptyGroup
  const values: string[] = []
  for (const path of groupBy) {
    const value = groupValue(event.seen(path))
    if (value === undefined) return undefined
    values.push(value)
  }
  return values
}

type Values = Pick<Observation, 'bad' | 'number' | 'text' | 'steps'>

const noValues: Values = Object.freeze({})

/** Undefined: the log has nothing that the rule measures. */
function valuesOf({ read, watch }: RulePlan, event: LogEvent): Values | undefined {
  if (read.bad !== undefined) return { bad: read.bad(event) ? 1 : 0 }
  if (read.isOfLogins) return loginValues(event)
  if (watch.by === 'sequence') {
    const steps = read.steps.flatMap((meets, step) => (meets(event) ? [step] : []))
    return steps.length === 0 ? undefined : { steps }
  }
  if (read.field === undefined) return noValues
  const value = event.seen(read.field)
  if (watch.by === 'new-term' || (watch.by === 'window' && watch.measure.of === 'distinct')) {
    const text = measuredText(value)
    return text === undefined ? undefined : { text }
  }
  const number = measuredNumber(value)
  return number === undefined ? undefined : { number }
}

function addLogin(event: LogEvent): void {
  const textAt = (path: FieldPath): string | undefined => {
    const value: FieldValue | undefined = event.get(path)
    return typeof value === 'string' ? value : undefined
  }
  const status = event.get(statusCode)
  const login = failedLogin({
    text: event.original,
    message: textAt(message),
    host: textAt(host),
    ip: textAt(ip),
    statusCode: typeof status === 'number' ? status : undefined,
  })
  if (login !== undefined) event.set(loginField, Object.assign(newFields(), login))
}

function loginValues(event: LogEvent): Values | undefined {
  const login = event.get(loginField)
  if (typeof login !== 'object' || login === null) return undefined
  const count = event.get(countField)
  const connection = event.get(connectionField)
  return { number: Number(count), ...(typeof connection === 'string' && { text: connection }) }
}

const countField = fieldPath('failedLogin.count')
const connectionField = fieldPath('failedLogin.connection')
