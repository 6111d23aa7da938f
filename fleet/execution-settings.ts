import { days } from '../src/index.ts'
import { setting, type SettingDefinition } from '../src/worker/index.ts'
import {
  type CreditThresholds,
  defaultExecutionSettings,
  type ExecutionSettings,
} from '../topologies/executions/execution-settings.ts'

/** The settings of the worker `executions`. */
export interface ExecutionWorkerSettings extends Omit<ExecutionSettings, 'credits'> {
  readonly creditPeriod: CreditThresholds['period']
  /** Credits, or an organization and credits such as `org-7=5000`, separated by commas. */
  readonly creditThresholds: string
}

const { timeoutMs, retentionMs, dataBytesMax, baselineRuns, slowPercent, credits } = defaultExecutionSettings

export const executionSettingDefinitions: readonly SettingDefinition[] = Object.freeze([
  setting('executions.timeoutMs', 'EXECUTIONS_TIMEOUT_MS', {
    type: 'integer',
    minimum: 1000,
    maximum: days(7),
    default: timeoutMs,
    description: 'an execution without an event for so long, and without an end, is timed out',
  }),
  setting('executions.retentionMs', 'EXECUTIONS_RETENTION_MS', {
    type: 'integer',
    minimum: 60_000,
    maximum: days(30),
    default: retentionMs,
    description: 'how long late events correct an execution that is over',
  }),
  setting('executions.dataBytesMax', 'EXECUTIONS_DATA_BYTES_MAX', {
    type: 'integer',
    minimum: 0,
    maximum: 8192,
    default: dataBytesMax,
    description: 'longer data of a stage is cut, and 0 keeps none',
  }),
  setting('executions.baselineRuns', 'EXECUTIONS_BASELINE_RUNS', {
    type: 'integer',
    minimum: 5,
    maximum: 1000,
    default: baselineRuns,
  }),
  setting('executions.slowPercent', 'EXECUTIONS_SLOW_PERCENT', {
    type: 'integer',
    minimum: 101,
    maximum: 10_000,
    default: slowPercent,
  }),
  setting('executions.creditPeriod', 'EXECUTIONS_CREDIT_PERIOD', {
    type: 'string',
    enum: ['day', 'month'],
    default: credits.period,
  }),
  setting('executions.creditThresholds', 'EXECUTIONS_CREDIT_THRESHOLDS', {
    type: 'string',
    pattern: '^((?:[^=,\\s]+=)?[1-9]\\d{0,14}(,(?!$)|$))*$',
    default: '',
    description: 'credits such as 8000,10000, with an organization in front for its own: org-7=50000',
  }),
])

/** As the topology takes them. */
export function executionSettings(settings: ExecutionWorkerSettings): ExecutionSettings {
  const { creditPeriod, creditThresholds, ...others } = settings
  return Object.freeze({ ...others, credits: thresholdsOf(creditPeriod, creditThresholds) })
}

function thresholdsOf(period: CreditThresholds['period'], text: string): CreditThresholds {
  const all: number[] = []
  const own = new Map<string, number[]>()
  for (const entry of text === '' ? [] : text.split(',')) {
    const at = entry.lastIndexOf('=')
    const organizationId = entry.slice(0, Math.max(0, at))
    const list = at < 0 ? all : (own.get(organizationId) ?? [])
    list.push(Number(entry.slice(at + 1)))
    list.sort((left, right) => left - right)
    if (at >= 0) own.set(organizationId, list)
  }
  return Object.freeze({ period, all, own })
}
