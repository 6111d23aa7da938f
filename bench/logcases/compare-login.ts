import { sourceOf, failure } from '../../topologies/security.ts'
import { type LogCase, receivedTime } from './log-case.ts'
import type { FieldOutcome, Outcome } from './outcome.ts'
import { readRecord } from './subject.ts'

/** Whether a line tells of a failed login, and from which address. */
export function compareLogin(logCase: LogCase): Outcome {
  const { documents, refused } = readRecord(String(logCase.input), receivedTime(logCase))
  const document = documents[0] ?? {}
  const message = typeof document.message === 'string' ? document.message : ''
  const isFailure = failure.test(message)
  const { authFailure, sourceIp } = logCase.expected
  const fields: FieldOutcome[] = [
    { field: 'authFailure', isRight: isFailure === authFailure, expected: authFailure, actual: isFailure },
  ]
  if (authFailure === true && typeof sourceIp === 'string') {
    const actual = isFailure ? sourceOf({ ...document, message } as never) : undefined
    fields.push({ field: 'sourceIp', isRight: actual === sourceIp, expected: sourceIp, actual })
  }
  return { logCase, fields, ...(refused === undefined ? {} : { refused }) }
}
