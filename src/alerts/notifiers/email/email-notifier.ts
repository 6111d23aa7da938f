import MailComposer from 'nodemailer/lib/mail-composer'
import { MillraceError } from '../../../core/errors.ts'
import type { Notice } from '../../notice.ts'
import { Mask } from '../mask.ts'
import { type Notifier, type NotifierAnswer, type NotifierMessage, taken } from '../notifier.ts'
import { type NotifierFactory, notifierSink } from '../notifier-sink.ts'
import { cut } from '../text/cut.ts'
import { oneLine } from '../text/notice-text.ts'
import { withinRequest } from '../within-request.ts'
import { type EmailMessage, emailMessage } from './email-message.ts'
import { type EmailConfig, emailConfig, type EmailOptions } from './email-options.ts'
import { smtpAnswer, type SmtpStep } from './smtp-answer.ts'
import { type SmtpResult, SmtpSession } from './smtp-session.ts'

/**
 * Sends notices as mails by SMTP, each over a connection of its own. All mails of an episode refer to the same message, so
 * that mail programs show them as one conversation. A mail that is sent again after an answer was lost has the same
 * `Message-ID`. Throws INVALID_SETTINGS, which lists all invalid options.
 */
export function emailNotifier(options: EmailOptions): NotifierFactory {
  const config = emailConfig(options)
  return notifierSink(config.settings, new EmailNotifier(config))
}

type Mail = EmailMessage & NotifierMessage

const headerLengthMax = 200

class EmailNotifier implements Notifier<Mail> {
  readonly #config: EmailConfig
  readonly #server: string
  readonly #domain: string
  readonly #mask: Mask

  constructor(config: EmailConfig) {
    this.#config = config
    this.#server = `${config.host}:${config.port}`
    this.#domain = config.fromAddress.slice(config.fromAddress.lastIndexOf('@') + 1)
    this.#mask = new Mask(loginSecrets(config.login))
  }

  /** Connects and logs in, without a mail. */
  async open(signal: AbortSignal): Promise<void> {
    const answer = await this.#inSession(signal, () => Promise.resolve(taken))
    const { verdict, code, reason } = answer
    if (verdict === 'taken') return
    const consequence = verdict === 'person' ? 'fatal' : 'retriable'
    throw new MillraceError<string>(code, consequence, `sink ${this.#config.settings.name}: ${reason}`)
  }

  render(notice: Notice): Mail {
    const message = emailMessage(notice, this.#domain)
    return { ...message, bytes: Buffer.byteLength(message.text) + Buffer.byteLength(message.html) }
  }

  async send(mail: Mail, signal: AbortSignal): Promise<NotifierAnswer> {
    const { fromAddress: from, to } = this.#config
    return this.#inSession(signal, async (session) => {
      this.#tell(await session.send({ from, to }, await this.#compose(mail)))
      return taken
    })
  }

  async close(): Promise<void> {
    // Each mail has closed its own connection.
  }

  /** A session within the deadline of a request; its failures become answers. */
  async #inSession(
    signal: AbortSignal,
    work: (session: SmtpSession) => Promise<NotifierAnswer>,
  ): Promise<NotifierAnswer> {
    const { settings, login } = this.#config
    const session = new SmtpSession(this.#sessionOptions())
    let step: SmtpStep = 'connect'
    try {
      return await withinRequest(settings.clock, settings.requestTimeoutMs, signal, async () => {
        await session.connect()
        step = 'login'
        if (login !== undefined) await session.login(login.username, login.password)
        step = 'send'
        const answer = await work(session)
        session.quit()
        return answer
      })
    } catch (error) {
      session.close()
      return smtpAnswer(error, step, this.#server, this.#mask)
    }
  }

  #sessionOptions(): ConstructorParameters<typeof SmtpSession>[0] {
    const { host, port, tls, ca, settings } = this.#config
    const { requestTimeoutMs } = settings
    return {
      host,
      port,
      secure: tls === 'tls',
      requireTLS: tls === 'starttls',
      ignoreTLS: tls === 'none',
      tls: ca === undefined ? {} : { ca },
      connectionTimeout: requestTimeoutMs,
      greetingTimeout: requestTimeoutMs,
      socketTimeout: requestTimeoutMs,
      dnsTimeout: requestTimeoutMs,
      socketCloseTimeout: 0,
    }
  }

  #compose({ subject, text, html, messageId, references, noticeId }: Mail): Promise<Buffer> {
    const { from, to, settings } = this.#config
    const composer = new MailComposer({
      from,
      to: [...to],
      subject,
      text,
      html,
      messageId,
      references,
      inReplyTo: references,
      date: new Date(settings.clock.nowMs()),
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Millrace-Notice': cut(oneLine(noticeId), headerLengthMax) },
      disableFileAccess: true,
      disableUrlAccess: true,
    })
    return composer.compile().build()
  }

  /** The mail is delivered, but not to all. */
  #tell({ rejected }: SmtpResult): void {
    if (rejected.length === 0) return
    const { name, logger } = this.#config.settings
    logger.warn({ sink: name, recipients: rejected }, 'a mail was refused for some of its recipients')
  }
}

/** The password as it is, and as the commands of a login carry it. */
function loginSecrets(login: EmailConfig['login']): readonly string[] {
  if (login === undefined) return []
  const { username, password } = login
  const carried = [password, `\0${username}\0${password}`].map((text) => Buffer.from(text).toString('base64'))
  return [password, ...carried]
}
