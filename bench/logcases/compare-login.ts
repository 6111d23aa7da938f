import { failedLogin, type Fields, fieldsText } from '../../src/pipelines/index.ts'
import { type LogCase, receivedTime } from './log-case.ts'
import type { FieldOutcome, Outcome } from './outcome.ts'
import { readRecord } from './subject.ts'

/** Whether a line tells of a failed login, and from which address. */
export function compareLogin(logCase: LogCase): Outcome {
  const { documents, refused } = readRecord(String(logCase.input), receivedTime(logCase))
  const document = documents[0] ?? {}
  const login = loginOf(document, String(logCase.input))
  const isFailure = login !== undefined
  const { authFailure, sourceIp } = logCase.expected
  const fields: FieldOutcome[] = [
    { field: 'authFailure', isRight: isFailure === authFailure, expected: authFailure, actual: isFailure },
  ]
  if (authFailure === true && typeof sourceIp === 'string') {
    const actual = login?.source
    fields.push({ field: 'sourceIp', isRight: actual === sourceIp, expected: sourceIp, actual })
  }
  return { logCase, fields, ...(refused === undefined ? {} : { refused }) }
}

/** As the worker finds it: in the document, which keeps the line as it came. */
function loginOf(document: Fields, original: string): ReturnType<typeof failedLogin> {
  const { message, host, ip, statusCode } = document
  const text = fieldsText({ ...document, event: { original } })
  return failedLogin({
    text,
    message: typeof message === 'string' ? message : '',
    host: typeof host === 'string' ? host : undefined,
    ip: typeof ip === 'string' ? ip : undefined,
    statusCode: typeof statusCode === 'number' ? statusCode : undefined,
  })
}
