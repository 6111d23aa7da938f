import { errorCode, errorMessage, isMillraceError } from '../../../core/errors.ts'
import { isCertificateError } from '../certificate-errors.ts'
import type { Mask } from '../mask.ts'
import type { NotifierAnswer, NotifierVerdict } from '../notifier.ts'

/** What was being done when it failed. */
export type SmtpStep = 'connect' | 'login' | 'send'

interface SmtpFailure {
  readonly code?: string
  readonly originalCode?: string
  readonly responseCode?: number
  readonly command?: string
}

const reasonLengthMax = 300

/**
 * What a failed mail means:
 *
 * | step | answer | verdict |
 * |---|---|---|
 * | any | 421, or any other that begins with 4 | wait |
 * | any | a certificate that is not trusted | person |
 * | connect, login | one that begins with 5: no STARTTLS, a wrong password | person |
 * | connect, login | none | wait: nothing was sent that could be at fault |
 * | send | one that begins with 5, to an address | person: addresses are settings |
 * | send | one that begins with 5, to the mail | notice |
 * | send | none | doubtful |
 */
export function smtpAnswer(error: unknown, step: SmtpStep, server: string, mask: Mask): NotifierAnswer {
  const { originalCode, responseCode, command } = error as SmtpFailure
  const text = errorMessage(error).replaceAll(/\s+/g, ' ').slice(0, reasonLengthMax)
  const isUntrusted = isCertificateError(error) || isCertificateError({ code: originalCode })
  const verdict = isUntrusted ? 'person' : verdictOf(step, responseCode, command)
  const advice = isUntrusted ? ': check its certificate, and the option ca' : adviceFor(verdict, step)
  const reason = mask.text(`${server} did not take the mail (${text})${advice}`)
  return { verdict, code: codeOf(verdict, responseCode, error), reason, retryAfterMs: undefined }
}

function verdictOf(step: SmtpStep, responseCode = 0, command = ''): NotifierVerdict {
  if (responseCode >= 400 && responseCode < 500) return 'wait'
  if (step !== 'send') return responseCode >= 500 ? 'person' : 'wait'
  if (responseCode < 500) return 'doubtful'
  return command === 'DATA' ? 'notice' : 'person'
}

function adviceFor(verdict: NotifierVerdict, step: SmtpStep): string {
  if (verdict !== 'person') return ''
  if (step === 'login') return ': check username and password'
  return step === 'connect' ? ': check host, port and tls' : ': check from and to'
}

function codeOf(verdict: NotifierVerdict, responseCode: number | undefined, error: unknown): string {
  if (verdict === 'person') return 'SINK_MISCONFIGURED'
  if (verdict === 'notice') return responseCode === 552 ? 'DOCUMENT_TOO_LARGE' : 'DOCUMENT_REFUSED'
  if (responseCode !== undefined) return 'SINK_UNAVAILABLE'
  if (isMillraceError(error)) return error.code
  return verdict === 'doubtful' || errorCode(error) === 'ETIMEDOUT' ? 'SINK_NO_ANSWER' : 'SINK_UNREACHABLE'
}
