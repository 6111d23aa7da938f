import { addressIn, normalAddress } from './addresses.ts'
import { failedLoginInJson } from './json-logins.ts'
import { accessFailure, failures, harmless, localFailures, type LoginPattern } from './login-patterns.ts'
import type { FailedLogin, LoginLog } from './login-log.ts'
import { mayBeLogin } from './login-signs.ts'

/** Attempts are told at the beginning of a line: the rest of a long one is not read. */
const lengthMost = 8192

/**
 * Whether a log tells of a failed login, and from where. Synchronous and without state; the time it takes does not grow
 * with the line beyond a bound. Undefined: it does not.
 */
export function failedLogin(log: LoginLog): FailedLogin | undefined {
  const isRefused = log.statusCode === 401 || log.statusCode === 403
  if (!isRefused && !mayBeLogin(log.text)) return undefined
  const text = log.text.slice(0, lengthMost)
  const inJson = failedLoginInJson(text, log)
  if (inJson !== undefined) return inJson === 'none' ? undefined : inJson
  if (harmless.test(text)) return undefined
  const repeated = repeatedTimes(text)
  for (const pattern of failures) {
    const match = pattern.expression.exec(text)
    if (match === null) continue
    const source = sourceOf(text, match, pattern, log)
    if (source === undefined) continue
    return { source, ...userOf(text), ...attemptOf(text, source), count: repeated }
  }
  const access = accessFailure(text, log)
  if (access !== undefined) return { source: access, count: 1 }
  if (localFailures.test(text)) return { source: undefined, ...userOf(text), count: repeated }
  return undefined
}

function sourceOf(text: string, match: RegExpExecArray, pattern: LoginPattern, log: LoginLog): string | undefined {
  const named = match.groups?.['source']
  const source =
    named === undefined
      ? addressIn(pattern.ends === undefined ? text : before(text, pattern.ends))
      : normalAddress(named)
  if (source !== undefined && source !== log.host) return source
  return log.ip !== undefined && log.ip !== log.host ? log.ip : undefined
}

function before(text: string, pattern: RegExp): string {
  const at = text.search(pattern)
  return at < 0 ? text : text.slice(0, at)
}

const user =
  /\b(?:(?:invalid|illegal|authenticating|unknown|nonexistent) user|login for|password for(?: invalid user)?|failed for|user(?:name)?|acct|for user)[ =:]+["'<[(]?([\w.@\\$+-]{1,64})/i

function userOf(text: string): { readonly user?: string } {
  const name = user.exec(text)?.[1]
  return name === undefined || name === 'from' || name === 'for' ? {} : { user: name }
}

const sshProcess = /\bsshd(?:-session)?(?:\[|\s)(\d{1,10})\b/

/** A process of sshd serves one client, and tells of an attempt in up to three lines. */
function attemptOf(text: string, source: string): { readonly attempt?: string } {
  const process = sshProcess.exec(text)?.[1]
  return process === undefined ? {} : { attempt: `sshd ${process} ${source}` }
}

const repetition = /\bmessage repeated (\d{1,6}) times: \[/

function repeatedTimes(text: string): number {
  const times = repetition.exec(text)?.[1]
  return times === undefined ? 1 : Number(times)
}
