import { withoutColors } from '../presets/text/colors.ts'
import { addressIn, normalAddress } from './addresses.ts'
import { lineOf, membersOf, ofMembers } from './json-logins.ts'
import { accessFailure, failures, harmless, localFailures, type LoginPattern } from './login-patterns.ts'
import type { FailedLogin, LoginLog } from './login-log.ts'
import { mayBeLogin, mayBeLoginOf } from './login-signs.ts'

/** A line reports an attempt at its beginning: the rest of a long one is not read. */
const lengthMost = 8192

/**
 * Whether a log tells of a failed login, and from where. Synchronous and without state; the time it takes does not grow
 * with the line beyond a bound. Undefined: it does not.
 */
export function failedLogin(log: LoginLog): FailedLogin | undefined {
  const isRefused = log.statusCode === 401 || log.statusCode === 403
  if (!isRefused && !mayTell(log)) return undefined
  const members = log.text.startsWith('{') ? membersOf(log.text) : undefined
  if (members === undefined) return ofLine(log.text.slice(0, lengthMost), log)
  const line = lineOf(members)
  const inLine = line === undefined ? undefined : ofLine(line.slice(0, lengthMost), log)
  return inLine ?? ofMembers(members, log)
}

function mayTell({ text, message, isFlat }: LoginLog): boolean {
  if (message === undefined) return mayBeLogin(text)
  return isFlat === true ? mayBeLogin(message) : mayBeLoginOf(message, text)
}

function ofLine(written: string, log: LoginLog): FailedLogin | undefined {
  const text = withoutColors(written)
  const members = membersOf(text)
  if (members !== undefined) {
    const inMembers = ofMembers(members, log)
    if (inMembers !== undefined) return inMembers
  }
  if (harmless.test(text)) return undefined
  for (const pattern of failures) {
    const match = pattern.expression.exec(text)
    if (match === null) continue
    const source = sourceOf(text, match, pattern, log)
    if (source !== undefined) return { source, ...userOf(text), ...countOf(text, source) }
  }
  const access = accessFailure(text, log)
  if (access !== undefined) return { source: access, count: 1 }
  if (localFailures.test(text)) return { source: undefined, ...userOf(text), count: 1 }
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
const refusal = /\bFailed \S{1,40} for\b|\bPAM: /
const repetition = /\bmessage repeated (\d{1,6}) times: \[/

/** A process of sshd serves one connection. It tells of each refusal, and of how the connection began and ended. */
function countOf(text: string, source: string): Pick<FailedLogin, 'connection' | 'count'> {
  const times = Number(repetition.exec(text)?.[1] ?? 1)
  const process = sshProcess.exec(text)?.[1]
  if (process === undefined) return { count: times }
  return { connection: `sshd ${process} ${source}`, count: refusal.test(text) ? times : 0 }
}
