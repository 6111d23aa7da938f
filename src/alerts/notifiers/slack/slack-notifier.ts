import { OptionChecks, type NamesOf } from '../../../sinks/option-checks.ts'
import { HttpNotifier, type HttpService } from '../http/http-notifier.ts'
import { secretsOf } from '../mask.ts'
import { type NotifierOptions, notifierSettings, secretUrl } from '../notifier-options.ts'
import { type NotifierFactory, notifierSink } from '../notifier-sink.ts'
import { slackMessage } from './slack-message.ts'

/** Options of `slackNotifier`. */
export interface SlackOptions extends NotifierOptions {
  /** The address of an incoming webhook, such as `https://hooks.slack.com/services/...`. Errors show its host only. */
  readonly url: string
  /** The certificate authorities (PEM) that are trusted instead of those of the system. */
  readonly ca?: string
}

const ownNames: NamesOf<SlackOptions, NotifierOptions> = { url: true, ca: true }

/** Slack takes one message per second at a webhook. */
const ratePerMinute = 60

/**
 * Posts notices to a Slack channel by an incoming webhook. Slack does not recognize a message that is sent again after an
 * answer was lost: it is then in the channel twice. Throws INVALID_SETTINGS, which lists all invalid options.
 */
export function slackNotifier(options: SlackOptions): NotifierFactory {
  const checks = new OptionChecks(`slack notifier ${options.name}`)
  const settings = notifierSettings(checks, options, { ratePerMinute, ownNames })
  const url = secretUrl(checks, 'url', options.url)
  checks.done()
  const service: HttpService = {
    render: (notice) => ({ url, body: JSON.stringify(slackMessage(notice)) }),
    headers: () => ({}),
  }
  return notifierSink(settings, new HttpNotifier({ settings, ca: options.ca, secrets: secretsOf(url) }, service))
}
