import { OptionChecks, type NamesOf } from '../../../sinks/option-checks.ts'
import type { Notice } from '../../notice.ts'
import { HttpNotifier, type HttpService } from '../http/http-notifier.ts'
import { secretsOf } from '../mask.ts'
import { type NotifierOptions, notifierSettings, secretUrl } from '../notifier-options.ts'
import { type NotifierFactory, notifierSink } from '../notifier-sink.ts'
import { stableKey } from '../stable-key.ts'
import { BodyTemplate } from './body-template.ts'
import { signatureHeaders } from './signature.ts'

/** Options of `webhookNotifier`. */
export interface WebhookOptions extends NotifierOptions {
  /** Where notices are posted. Errors show its host only. */
  readonly url: string
  /**
   * The secret that both sides know; the signature of each request is made with it (HMAC-SHA256, in the headers of Standard
   * Webhooks). After `whsec_`, it is read as base64. Default: requests are not signed.
   */
  readonly secret?: string
  /**
   * The body as JSON, in which `{{name}}` is replaced by a value of the notice, such as `{"text": "{{title}}"}`. `alert.` begins
   * the values of its first alert, such as `{{alert.group.service}}`. Default: the whole notice.
   */
  readonly body?: string
  /** More headers, such as `authorization`. Errors never show their values. */
  readonly headers?: Readonly<Record<string, string>>
  /** The certificate authorities (PEM) that are trusted instead of those of the system. */
  readonly ca?: string
}

const ownNames: NamesOf<WebhookOptions, NotifierOptions> = {
  url: true,
  secret: true,
  body: true,
  headers: true,
  ca: true,
}

const ratePerMinute = 300

/** Longer headers are refused by some servers. */
const keyLengthMax = 200

/**
 * Posts notices as JSON. Each request has the headers `Idempotency-Key` and `webhook-id`, which are the same when a notice is
 * sent again, so that a receiver can recognize what it has already. Throws INVALID_SETTINGS, which lists all invalid options.
 *
 * @example
 * ```ts
 * webhookNotifier({
 *   name: 'operations',
 *   url: 'https://operations.example.com/alerts',
 *   secret: process.env.OPERATIONS_SECRET ?? 'not set',
 *   body: '{"text": "{{severity}}: {{title}}", "count": {{alertCount}}}',
 * })
 * ```
 */
export function webhookNotifier(options: WebhookOptions): NotifierFactory {
  const checks = new OptionChecks(`webhook notifier ${options.name}`)
  const settings = notifierSettings(checks, options, { ratePerMinute, ownNames })
  const url = secretUrl(checks, 'url', options.url)
  const secret = options.secret === undefined ? undefined : checks.secret('secret', options.secret)
  const bodyOf = bodyFrom(checks, options.body)
  const headers = ownHeaders(checks, options.headers)
  checks.done()
  const service: HttpService = {
    render: (notice) => ({ url, body: bodyOf(notice) }),
    headers: ({ id, body }, nowMs) => {
      const key = stableKey(id, keyLengthMax)
      const signature =
        secret === undefined ? { 'webhook-id': key } : signatureHeaders({ id: key, body }, secret, nowMs)
      return { ...headers, 'idempotency-key': key, ...signature }
    },
  }
  const secrets = [...secretsOf(url), secret, ...Object.values(headers)]
  return notifierSink(settings, new HttpNotifier({ settings, ca: options.ca, secrets }, service))
}

function bodyFrom(checks: OptionChecks, body: unknown): (notice: Notice) => string {
  if (body === undefined) return (notice) => JSON.stringify(notice)
  const template = new BodyTemplate(checks.text('body', body), (sentence) => checks.problem(`body: ${sentence}`))
  return (notice) => template.render(notice)
}

/** Headers that a notifier sets itself. */
const reserved: ReadonlySet<string> = new Set([
  'content-length',
  'content-type',
  'host',
  'idempotency-key',
  'transfer-encoding',
  'webhook-id',
  'webhook-signature',
  'webhook-timestamp',
])

const headerName = /^[a-z0-9!#$%&'*+.^_`|~-]+$/
const headerValue = /^[\x20-\x7e]+$/

function ownHeaders(checks: OptionChecks, given: Readonly<Record<string, unknown>> = {}): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(given)) {
    const field = `headers.${name}`
    const key = name.toLowerCase()
    if (reserved.has(key)) checks.problem(`${field} is set by the notifier itself: remove it`)
    else if (!headerName.test(key)) checks.problem(`${field} is no name of a header: use letters, digits and hyphens`)
    else if (typeof value !== 'string' || !headerValue.test(value))
      checks.problem(`${field} is no text of printable ASCII: correct its value`)
    else headers[key] = value
  }
  return headers
}
