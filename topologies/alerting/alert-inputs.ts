import {
  type Acknowledgement,
  type AlertChange,
  type AlertRequest,
  alertRequestKinds,
  alertStatuses,
  severities,
  type SourceRow,
} from '../../src/alerts/index.ts'
import { MillraceError } from '../../src/index.ts'

/** Why a record about alerts is refused, in the rows of docs/errors.md. */
export const alertInputFaults = Object.freeze({
  INVALID_ALERT_RECORD: {
    when: 'a record of the topic of changes, moves or acknowledgements is no such thing',
    consequence: 'record',
    next: 'the record becomes a dead letter, and what follows it is read',
    fix: 'repair the program that wrote it; `millrace alerts acknowledge` writes acknowledgements',
  },
} as const)

type Checks = Readonly<Record<string, (value: unknown) => boolean>>

const changeChecks: Checks = {
  key: isName,
  episode: isName,
  rule: isName,
  group: isTexts,
  status: (value) => (alertStatuses as readonly unknown[]).includes(value),
  severity: (value) => (severities as readonly unknown[]).includes(value),
  startMs: Number.isFinite,
  timeMs: Number.isFinite,
  summary: isText,
  value: Number.isFinite,
  threshold: Number.isFinite,
  baseline: (value) => value === null || Number.isFinite(value),
  examples: (value) => Array.isArray(value) && value.every(isText),
  eventCount: Number.isFinite,
  links: isTexts,
  labels: isTexts,
}

const requestChecks: Checks = {
  request: (value) => (alertRequestKinds as readonly unknown[]).includes(value),
  dedupKey: isName,
  by: isText,
  timeMs: Number.isFinite,
}

const acknowledgementChecks: Checks = { dedupKey: isName, author: isText, timeMs: Number.isFinite }

/** Throws INVALID_ALERT_RECORD: what is half a change would stay in the state of its group, and fail there again and again. */
export function readChange(value: unknown): AlertChange {
  return checked(value, changeChecks, 'change of an alert') as AlertChange
}

/** Throws INVALID_ALERT_RECORD. */
export function readCommand(value: unknown): Acknowledgement | AlertRequest {
  const isRequest = typeof value === 'object' && value !== null && 'request' in value
  if (isRequest) return checked(value, requestChecks, 'request') as AlertRequest
  return checked(value, acknowledgementChecks, 'acknowledgement') as Acknowledgement
}

/** A row that cannot be read inhibits nothing. */
export function readSourceRow(value: unknown): SourceRow {
  return Array.isArray(value) && value.every(isText) ? value : []
}

function checked(value: unknown, checks: Checks, what: string): unknown {
  const members = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>
  const wrong = Object.keys(checks).filter((name) => checks[name]?.(members[name]) !== true)
  if (wrong.length === 0) return value
  const text = `the value is no ${what}, its ${wrong.join(', ')} cannot be used: repair the program that wrote it`
  throw new MillraceError<keyof typeof alertInputFaults>('INVALID_ALERT_RECORD', 'record', text)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isName(value: unknown): boolean {
  return isText(value) && value !== ''
}

function isTexts(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isText)
}
