import { emailNotifier } from '../email/email-notifier.ts'
import type { NotifierFactory } from '../notifier-sink.ts'
import { opsgenieNotifier } from '../opsgenie/opsgenie-notifier.ts'
import { pagerDutyNotifier } from '../pagerduty/pagerduty-notifier.ts'
import { slackNotifier } from '../slack/slack-notifier.ts'
import { teamsNotifier } from '../teams/teams-notifier.ts'
import { webhookNotifier } from '../webhook/webhook-notifier.ts'

/** How a file describes a notifier of one service. */
export interface NotifierService {
  /** Called with the options of the file, after their secrets were read; it checks them. */
  readonly make: (options: never) => NotifierFactory
  /** Options whose values are secrets. */
  readonly secrets: readonly string[]
  /** The other options that only this service has, as JSON Schema. */
  readonly options: Readonly<Record<string, unknown>>
}

const text = { type: 'string', minLength: 1 } as const

/** By the name that a file uses. */
export const notifierServices: Readonly<Record<string, NotifierService>> = Object.freeze({
  webhook: { make: webhookNotifier, secrets: ['url', 'secret'], options: { body: text } },
  slack: { make: slackNotifier, secrets: ['url'], options: {} },
  teams: { make: teamsNotifier, secrets: ['url'], options: {} },
  pagerduty: { make: pagerDutyNotifier, secrets: ['routingKey'], options: { url: text } },
  opsgenie: { make: opsgenieNotifier, secrets: ['apiKey'], options: { url: text } },
  email: {
    make: emailNotifier,
    secrets: ['password'],
    options: {
      host: text,
      port: { type: 'integer', minimum: 1, maximum: 65_535 },
      tls: { enum: ['starttls', 'tls', 'none'] },
      username: text,
      from: text,
      to: { type: ['string', 'array'], minItems: 1, items: text },
    },
  },
})
