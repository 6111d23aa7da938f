import { MillraceError } from '../../core/errors.ts'
import { type Notice, noticeKinds } from '../notice.ts'
import { severities } from '../severity.ts'

/** What a notifier reads of any notice; a notice without it cannot be sent. */
const checks: Readonly<Record<string, (value: unknown) => boolean>> = {
  id: isText,
  kind: (value) => (noticeKinds as readonly unknown[]).includes(value),
  dedupKey: isText,
  severity: (value) => (severities as readonly unknown[]).includes(value),
  timeMs: (value) => Number.isFinite(value),
  title: (value) => typeof value === 'string',
  alerts: (value) => Array.isArray(value),
  alertCount: (value) => Number.isFinite(value),
  teams: (value) => Array.isArray(value),
}

/** The value of a record as a notice. Throws DOCUMENT_INVALID (consequence `record`) for anything else. */
export function readNotice(value: unknown): Notice {
  const members = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>
  const wrong = Object.keys(checks).filter((name) => checks[name]?.(members[name]) !== true)
  if (wrong.length === 0) return members as unknown as Notice
  const text = `the value is no notice, its ${wrong.join(', ')} cannot be used: send notices of the notice manager to this sink`
  throw new MillraceError('DOCUMENT_INVALID', 'record', text)
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
