import type { Header, Headers } from './headers.ts'

/** The header of a record that was a dead letter and is tried again; its value is the number of the attempt, from 1. */
export const attemptsHeader = 'millrace-attempts'

/** Whether a record was a dead letter before. */
export function isRetried(headers: Headers): boolean {
  for (const { key } of headers) if (key === attemptsHeader) return true
  return false
}

/** How often a record was tried again; 0 for any other record. */
export function attemptsOf(headers: Headers): number {
  const value = headers.findLast(({ key }) => key === attemptsHeader)?.value ?? null
  const attempts = value === null ? 0 : Number(Buffer.from(value).toString())
  return Number.isSafeInteger(attempts) && attempts > 0 ? attempts : 0
}

/** The headers of the next attempt. */
export function withAttempts(headers: Headers, attempts: number): Headers {
  const header: Header = { key: attemptsHeader, value: Buffer.from(String(attempts)) }
  return [...headers.filter(({ key }) => key !== attemptsHeader), header]
}
