import type { Header, Headers } from './headers.ts'

/**
 * The header of a record that was a dead letter and is tried again. Its value is the number of the attempt, from 1, and
 * the application that tries: `1 payments`. What the application makes of the record keeps the header, and to other
 * applications it means nothing.
 */
export const attemptsHeader = 'millrace-attempts'

/** Whether a record was a dead letter of this application before. */
export function isRetried(headers: Headers, applicationId: string): boolean {
  for (const header of headers) if (isOf(attemptOf(header), applicationId)) return true
  return false
}

/** How often an application, or with undefined any, tried a record again; 0 for any other record. */
export function attemptsOf(headers: Headers, applicationId: string | undefined): number {
  const attempts = headers.map(attemptOf).filter((one) => applicationId === undefined || isOf(one, applicationId))
  return Math.max(0, ...attempts.map((one) => one?.attempts ?? 0))
}

/** The headers of the next attempt. */
export function withAttempts(headers: Headers, attempts: number, applicationId: string): Headers {
  const header: Header = { key: attemptsHeader, value: Buffer.from(`${attempts} ${applicationId}`) }
  return [...headers.filter((one) => attemptOf(one)?.applicationId !== applicationId), header]
}

interface Attempt {
  readonly attempts: number
  readonly applicationId: string
}

function attemptOf({ key, value }: Header): Attempt | undefined {
  if (key !== attemptsHeader || value === null) return undefined
  const [, attempts, applicationId = ''] = /^(\d{1,9}) (.+)$/.exec(Buffer.from(value).toString()) ?? []
  return attempts === undefined ? undefined : { attempts: Number(attempts), applicationId }
}

/** A replay of the application does what the application did. */
function isOf(attempt: Attempt | undefined, applicationId: string): boolean {
  if (attempt === undefined) return false
  return attempt.applicationId === applicationId || applicationId.startsWith(`${attempt.applicationId}-replay-`)
}
