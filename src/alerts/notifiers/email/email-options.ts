import { type NamesOf, OptionChecks } from '../../../sinks/option-checks.ts'
import { type NotifierOptions, type NotifierSettings, notifierSettings } from '../notifier-options.ts'

/** Options of `emailNotifier`. */
export interface EmailOptions extends NotifierOptions {
  /** The name of the mail server. */
  readonly host: string
  /** Default: 587, or 465 with `tls: 'tls'`, or 25 with `tls: 'none'`. */
  readonly port?: number
  /**
   * `starttls`: the connection begins without TLS and changes to it before anything is said; `tls`: it begins with it. The
   * certificate is verified in both cases. `none`: mails can be read on their way. Default: `starttls`.
   */
  readonly tls?: 'starttls' | 'tls' | 'none'
  /** Default: no login. */
  readonly username?: string
  /** Errors never show it. It is not sent without TLS. */
  readonly password?: string
  /** The address of the sender, such as `alerts@example.com` or `Alerts <alerts@example.com>`. */
  readonly from: string
  /** One address, or several. */
  readonly to: string | readonly string[]
  /** The certificate authorities (PEM) that are trusted instead of those of the system. */
  readonly ca?: string
}

export interface EmailConfig {
  readonly settings: NotifierSettings
  readonly host: string
  readonly port: number
  readonly tls: 'starttls' | 'tls' | 'none'
  readonly login: { readonly username: string; readonly password: string } | undefined
  readonly from: string
  readonly fromAddress: string
  readonly to: readonly string[]
  readonly ca: string | undefined
}

const ownNames: NamesOf<EmailOptions, NotifierOptions> = {
  host: true,
  port: true,
  tls: true,
  username: true,
  password: true,
  from: true,
  to: true,
  ca: true,
}

const ratePerMinute = 60
const ports = { starttls: 587, tls: 465, none: 25 } as const

/** Throws INVALID_SETTINGS with everything that is wrong. */
export function emailConfig(options: EmailOptions): EmailConfig {
  const checks = new OptionChecks(`email notifier ${options.name}`)
  const settings = notifierSettings(checks, options, { ratePerMinute, ownNames })
  const tls = checks.choice('tls', options.tls, ['starttls', 'tls', 'none'], 'starttls')
  const recipients: readonly unknown[] = Array.isArray(options.to) ? options.to : [options.to]
  if (recipients.length === 0) checks.problem('to is empty: give at least one address')
  const config: EmailConfig = {
    settings,
    host: checks.text('host', options.host),
    port: checks.integer('port', options.port, { least: 1, most: 65_535, otherwise: ports[tls] }),
    tls,
    login: loginOf(checks, options, tls),
    from: options.from,
    fromAddress: address(checks, 'from', options.from),
    to: recipients.map((to) => address(checks, 'to', to)),
    ca: options.ca,
  }
  checks.done()
  return Object.freeze(config)
}

function loginOf(
  checks: OptionChecks,
  { username, password }: EmailOptions,
  tls: EmailConfig['tls'],
): EmailConfig['login'] {
  if (username === undefined && password === undefined) return undefined
  if (tls === 'none') checks.problem('password would be sent without TLS: set tls to starttls or tls')
  return { username: checks.text('username', username), password: checks.secret('password', password) }
}

const plainAddress = /^[^\s<>@,;"]+@[^\s<>@,;"]+$/
const namedAddress = /^[^<>\r\n]*<([^<>]+)>$/

/** The address alone, without the name of its owner. */
function address(checks: OptionChecks, field: string, value: unknown): string {
  const text = checks.text(field, value)
  const found = namedAddress.exec(text)?.[1] ?? text
  if (text !== '' && !plainAddress.test(found))
    checks.problem(`${field} is ${JSON.stringify(text)}: give an address such as alerts@example.com`)
  return found
}
