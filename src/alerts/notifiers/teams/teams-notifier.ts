import { OptionChecks, type NamesOf } from '../../../sinks/option-checks.ts'
import { HttpNotifier, type HttpService } from '../http/http-notifier.ts'
import { secretsOf } from '../mask.ts'
import { type NotifierOptions, notifierSettings, secretUrl } from '../notifier-options.ts'
import { type NotifierFactory, notifierSink } from '../notifier-sink.ts'
import { teamsMessage } from './teams-message.ts'

/** Options of `teamsNotifier`. */
export interface TeamsOptions extends NotifierOptions {
  /**
   * The address of a workflow that begins with "When a Teams webhook request is received". It holds its own signature, so
   * that errors show its host only.
   */
  readonly url: string
  /** The certificate authorities (PEM) that are trusted instead of those of the system. */
  readonly ca?: string
}

const ownNames: NamesOf<TeamsOptions, NotifierOptions> = { url: true, ca: true }

const ratePerMinute = 60

/**
 * Posts notices to Microsoft Teams by a workflow, as Adaptive Cards. Teams does not recognize a message that is sent again
 * after an answer was lost: it is then in the channel twice. Throws INVALID_SETTINGS, which lists all invalid options.
 */
export function teamsNotifier(options: TeamsOptions): NotifierFactory {
  const checks = new OptionChecks(`teams notifier ${options.name}`)
  const settings = notifierSettings(checks, options, { ratePerMinute, ownNames })
  const url = secretUrl(checks, 'url', options.url)
  checks.done()
  const service: HttpService = { render: (notice) => ({ url, body: teamsMessage(notice) }), headers: () => ({}) }
  return notifierSink(settings, new HttpNotifier({ settings, ca: options.ca, secrets: secretsOf(url) }, service))
}
