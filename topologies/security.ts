import { type Alert, alert } from '../schemas/alert.ts'
import { hoppingWindows, json, type KStream, string } from '../src/index.ts'
import { type FailedLogin, failedLogin } from '../src/pipelines/index.ts'
import type { EnrichedLog } from './enriched-log.ts'
import { type Attempts, countAttempt, noAttempts, totalOf } from './login-attempts.ts'

export interface SecurityOptions {
  readonly sizeMs: number
  readonly advanceMs: number
  readonly graceMs: number
  /** Failed logins from one source in one window that make an attempt at brute force. */
  readonly failuresMin: number
}

/** Many failed logins from one source: a brute-force attempt. */
export function security(
  logs: KStream<string, EnrichedLog, boolean, boolean>,
  options: SecurityOptions,
): KStream<string, Alert, boolean, boolean> {
  const { sizeMs, advanceMs, graceMs, failuresMin } = options
  return logs
    .flatMapValues((log) => attemptsOf(log), { name: 'login-failures' })
    .groupBy((_, login) => login.source ?? '', { name: 'by-login-source', key: string(), value: json<FailedLogin>() })
    .windowedBy(hoppingWindows({ sizeMs, advanceMs, graceMs }))
    .aggregate(noAttempts, (_, login, attempts) => countAttempt(attempts, login), {
      name: 'login-attempt-count',
      store: 'login-attempts',
      value: json<Attempts>(),
    })
    .toStream({ name: 'login-attempt-counts' })
    .filter((_, attempts) => totalOf(attempts) >= failuresMin, { name: 'brute-force' })
    .map(
      ({ key, window }, attempts) => {
        const count = totalOf(attempts)
        const summary = `${count} failed logins from ${key} within ${sizeMs / 60_000} minutes`
        return [key, alert('brute-force', key, 'critical', window.startMs, summary, { failures: count })]
      },
      { name: 'brute-force-alerts' },
    )
}

const none: readonly FailedLogin[] = []

/** The failed login that a log tells of; none where it names no source. */
function attemptsOf(log: EnrichedLog): readonly FailedLogin[] {
  const login = loginOf(log)
  return login?.source === undefined ? none : [login]
}

/** Undefined: the log tells of no failed login. */
export function loginOf(log: EnrichedLog): FailedLogin | undefined {
  const { message, host, ip, statusCode, isFlat } = log
  return failedLogin({ text: log.said, message, host, ip, statusCode, isFlat })
}
