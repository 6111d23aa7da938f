import { OptionChecks, type NamesOf } from '../../../sinks/option-checks.ts'
import { HttpNotifier, type HttpService } from '../http/http-notifier.ts'
import { type NotifierOptions, baseUrl, notifierSettings } from '../notifier-options.ts'
import { type NotifierFactory, notifierSink } from '../notifier-sink.ts'
import { pagerDutyEvent } from './pagerduty-event.ts'

/** Options of `pagerDutyNotifier`. */
export interface PagerDutyOptions extends NotifierOptions {
  /** The integration key of an "Events API v2" integration. Errors never show it. */
  readonly routingKey: string
  /** Default: `https://events.pagerduty.com`; of the service region Europe: `https://events.eu.pagerduty.com`. */
  readonly url?: string
  /** The certificate authorities (PEM) that are trusted instead of those of the system. */
  readonly ca?: string
}

const ownNames: NamesOf<PagerDutyOptions, NotifierOptions> = { routingKey: true, url: true, ca: true }

const ratePerMinute = 300

/** PagerDuty answers 400 to an event that it cannot read, and to a key that it does not know. */
const aboutKey = /routing.?key/i

/**
 * Opens, acknowledges and resolves incidents of PagerDuty with its Events API v2. A notice that is delivered twice changes nothing: both
 * have the same key. Throws INVALID_SETTINGS, which lists all invalid options.
 */
export function pagerDutyNotifier(options: PagerDutyOptions): NotifierFactory {
  const checks = new OptionChecks(`pagerduty notifier ${options.name}`)
  const settings = notifierSettings(checks, options, { ratePerMinute, ownNames })
  const routingKey = checks.secret('routingKey', options.routingKey)
  const url = new URL('/v2/enqueue', baseUrl(checks, 'url', options.url ?? 'https://events.pagerduty.com'))
  checks.done()
  const service: HttpService = {
    render: (notice) => ({ url, body: JSON.stringify(pagerDutyEvent(notice, routingKey)) }),
    headers: () => ({}),
    verdict: ({ status, text }) => (status === 400 && aboutKey.test(text) ? 'person' : undefined),
  }
  return notifierSink(settings, new HttpNotifier({ settings, ca: options.ca, secrets: [routingKey] }, service), {
    acknowledges: true,
  })
}
