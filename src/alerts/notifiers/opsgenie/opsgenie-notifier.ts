import { OptionChecks, type NamesOf } from '../../../sinks/option-checks.ts'
import { HttpNotifier, type HttpService } from '../http/http-notifier.ts'
import { type NotifierOptions, baseUrl, notifierSettings } from '../notifier-options.ts'
import { type NotifierFactory, notifierSink } from '../notifier-sink.ts'
import { opsgenieRequest } from './opsgenie-request.ts'

/** Options of `opsgenieNotifier`. */
export interface OpsgenieOptions extends NotifierOptions {
  /** The key of an API integration. Errors never show it. */
  readonly apiKey: string
  /** Default: `https://api.opsgenie.com`; of the service region Europe: `https://api.eu.opsgenie.com`. */
  readonly url?: string
  /** The certificate authorities (PEM) that are trusted instead of those of the system. */
  readonly ca?: string
}

const ownNames: NamesOf<OpsgenieOptions, NotifierOptions> = { apiKey: true, url: true, ca: true }

const ratePerMinute = 300

/**
 * Creates and closes alerts of Opsgenie with its Alert API. A notice that is delivered twice counts twice in the same alert.
 * Throws INVALID_SETTINGS, which lists all invalid options.
 */
export function opsgenieNotifier(options: OpsgenieOptions): NotifierFactory {
  const checks = new OptionChecks(`opsgenie notifier ${options.name}`)
  const settings = notifierSettings(checks, options, { ratePerMinute, ownNames })
  const apiKey = checks.secret('apiKey', options.apiKey)
  const base = baseUrl(checks, 'url', options.url ?? 'https://api.opsgenie.com')
  checks.done()
  const service: HttpService = {
    render: (notice) => {
      const { path, body } = opsgenieRequest(notice)
      return { url: new URL(path, base), body: JSON.stringify(body) }
    },
    headers: () => ({ authorization: `GenieKey ${apiKey}` }),
    // An alert that is not there any more is closed, and needs nobody.
    verdict: ({ status }, { url }) =>
      status === 404 && /\/(?:close|acknowledge)$/.test(url.pathname) ? 'taken' : undefined,
  }
  return notifierSink(settings, new HttpNotifier({ settings, ca: options.ca, secrets: [apiKey] }, service), {
    acknowledges: true,
  })
}
