import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { emailNotifier } from '../../../../src/alerts/notifiers/email/email-notifier.ts'
import type { EmailOptions } from '../../../../src/alerts/notifiers/email/email-options.ts'
import type { SinkFactory } from '../../../../src/sinks/port.ts'
import { type SinkBench, sinkSuite, suiteBatch } from '../../../../src/testing/sink-suite.ts'
import { hurriedClock } from '../../../support/hurried-clock.ts'
import { noticeOf, noticeRecord, numberedNotice, numberIn } from '../../../support/notices.ts'
import { OpenSinks } from '../../../support/open-sinks.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'
import { flushAtLast } from '../../../support/sink-patience.ts'
import { type SmtpFault, SmtpServer } from '../../../support/smtp-server.ts'
import { until } from '../../../support/until.ts'

sinkSuite(
  'the email notifier',
  { describe, test, beforeAll, afterAll },
  {
    createBench: async () => {
      const server = new SmtpServer({
        refusalOf: ({ text }) => (text.includes('refused by the server') ? '554 5.6.0 not a good mail' : undefined),
      })
      await server.start()
      return new SmtpBench(server)
    },
    poison: (number) => ({ number, isPoison: true }),
    isIdempotent: true,
  },
)

class SmtpBench implements SinkBench {
  readonly factory: SinkFactory
  readonly #server: SmtpServer

  constructor(server: SmtpServer) {
    this.#server = server
    this.factory = emailNotifier({
      name: 'mail',
      host: '127.0.0.1',
      port: server.port,
      tls: 'none',
      from: 'alerts@example.com',
      to: 'people@example.com',
      batch: suiteBatch,
      ratePerMinute: 6000,
      notice: ({ value }) => {
        const { number, isPoison } = value as { number?: number; isPoison?: boolean }
        if (number === undefined) return value
        return numberedNotice(number, isPoison === true ? { title: `number ${number} refused by the server` } : {})
      },
    })
  }

  /** A mail program shows a mail with the same id once. */
  async written(): Promise<number[]> {
    const known = new Set<string | undefined>()
    const isNew = (id: string | undefined): boolean => !known.has(id) && Boolean(known.add(id))
    return this.#server.mails
      .filter(({ text }) => isNew(headerOf(text, 'Message-ID')))
      .map(({ text }) => numberIn(text))
  }

  async breakTarget(): Promise<void> {
    this.#server.failAlways({ at: 'GREETING', kind: 'reply', reply: '421 4.3.2 not now' })
  }

  async healTarget(): Promise<void> {
    this.#server.failAlways(undefined)
  }

  close(): Promise<void> {
    return this.#server.stop()
  }
}

let server: SmtpServer
let sinks: OpenSinks
let logger: RecordingLogger

beforeEach(async () => {
  server = new SmtpServer()
  await server.start()
  sinks = new OpenSinks()
  logger = new RecordingLogger()
})

afterEach(async () => {
  await sinks.close()
  await server.stop()
})

/** Its deadline of 10 s is over after one. */
function mailer(more: Partial<EmailOptions> = {}): SinkFactory {
  return emailNotifier({
    name: 'mail',
    host: '127.0.0.1',
    port: server.port,
    tls: 'none',
    from: 'Alerts <alerts@example.com>',
    to: ['first@example.com', 'second@example.com'],
    ratePerMinute: 6000,
    clock: hurriedClock(10),
    logger,
    ...more,
  })
}

test('a notice is a mail to all recipients, as text and as HTML', async () => {
  const sink = await sinks.open(mailer())
  sink.add(noticeRecord(0, noticeOf({ alertCount: 2 })))
  await flushAtLast(sink)
  const [mail] = server.mails
  const text = decoded(mail?.text ?? '')
  expect([mail?.from, mail?.to]).toEqual(['alerts@example.com', ['first@example.com', 'second@example.com']])
  expect(headerOf(text, 'From')).toBe('Alerts <alerts@example.com>')
  expect(headerOf(text, 'To')).toBe('first@example.com, second@example.com')
  expect(headerOf(text, 'Subject')).toBe('[high] error-rate on payments')
  expect(headerOf(text, 'Auto-Submitted')).toBe('auto-generated')
  expect(headerOf(text, 'X-Millrace-Notice')).toBe('payments@1:fire:0')
  expect(text).toContain(
    [
      '[high] error-rate on payments',
      '',
      'payments: 34 % of logs are errors',
      'rule: error-rate',
      'status: firing',
      'severity: high',
      'service: payments',
      'value: 0.3425',
      'threshold: 0.2',
      'usually: 0.01',
      'events: 812',
      'since: 2026-11-29T09:30:00Z',
      'runbook: https://runbooks.example.com/payments',
      'search: https://search.example.com/?q=a|b&from=1',
      'ERROR card refused <script> & "quotes"',
      'ERROR timeout after 3000 ms',
      '',
      'and 1 more alert, for security-team, operations-manager',
    ].join('\n'),
  )
  expect(text).toContain('<td>service</td><td>payments</td>')
  expect(text).toContain('ERROR card refused &lt;script&gt; &amp; &quot;quotes&quot;')
  expect(text).toContain('<a href="https://search.example.com/?q=a|b&amp;from=1">search</a>')
})

test('the mails of an episode are one conversation, and a repeated delivery has the same id', async () => {
  const sink = await sinks.open(mailer())
  const notices = [noticeOf(), noticeOf({ kind: 'resolve' }), noticeOf(), noticeOf({ dedupKey: 'other' })]
  for (const [offset, notice] of notices.entries()) sink.add(noticeRecord(offset, notice))
  await flushAtLast(sink)
  const headers = (name: string) => server.mails.map(({ text }) => headerOf(text, name))
  const [fire, resolve, again, other] = headers('Message-ID')
  expect([again === fire, resolve === fire, other === fire]).toEqual([true, false, false])
  expect(fire).toMatch(/^<[0-9a-f]{64}@example\.com>$/)
  const [first, second, third, fourth] = headers('References')
  expect([second === first, third === first, fourth === first]).toEqual([true, true, false])
  expect(headers('In-Reply-To')).toEqual(headers('References'))
})

test('nothing of a log becomes a header', async () => {
  const sink = await sinks.open(mailer())
  const title = 'a\r\nBcc: thief@example.com\r\n\r\nbody'
  sink.add(noticeRecord(0, noticeOf({ title, id: 'x\r\nBcc: thief@example.com' })))
  await flushAtLast(sink)
  expect(server.mails[0]?.to).toEqual(['first@example.com', 'second@example.com'])
  expect(headerOf(decoded(server.mails[0]?.text ?? ''), 'Bcc')).toBeUndefined()
})

describe('a mail that the server did not take is sent again', () => {
  test.each<[string, SmtpFault]>([
    ['421 at the greeting', { at: 'GREETING', kind: 'reply', reply: '421 4.3.2 not now' }],
    ['a connection that ends at the greeting', { at: 'GREETING', kind: 'drop-connection' }],
    ['no greeting', { at: 'GREETING', kind: 'hang' }],
    ['a greeting without end', { at: 'GREETING', kind: 'trickle' }],
    ['450 for the sender', { at: 'MAIL', kind: 'reply', reply: '450 4.7.1 too many mails' }],
    ['450 for the recipients', { at: 'RCPT', kind: 'reply', reply: '450 4.2.1 greylisted' }],
    ['452 for the mail', { at: 'MESSAGE', kind: 'reply', reply: '452 4.3.1 no space' }],
    ['half an answer', { at: 'MESSAGE', kind: 'half-answer' }],
    ['a connection that ends in the mail', { at: 'DATA', kind: 'drop-connection' }],
    ['no answer to the mail', { at: 'MESSAGE', kind: 'hang' }],
    ['an answer without end', { at: 'MESSAGE', kind: 'trickle' }],
    ['550 for all recipients, until somebody corrects them', { at: 'RCPT', kind: 'reply', reply: '550 5.1.1 unknown' }],
    ['550 for the sender, until somebody corrects it', { at: 'MAIL', kind: 'reply', reply: '550 5.7.1 not you' }],
  ])('%s', async (_, fault) => {
    const sink = await sinks.open(mailer({ to: 'first@example.com' }))
    server.fail(fault, 2)
    sink.add(noticeRecord(0, numberedNotice(1)))
    await flushAtLast(sink)
    expect([server.mails.map(({ text }) => numberIn(text)), sinks.rejections]).toEqual([[1], []])
  })
})

test('a mail that is refused becomes a dead letter, and the others are sent', async () => {
  const sink = await sinks.open(mailer())
  server.fail({ at: 'MESSAGE', kind: 'reply', reply: '554 5.7.1 it looks like spam' })
  for (const number of [1, 2]) sink.add(noticeRecord(number, numberedNotice(number)))
  await flushAtLast(sink)
  expect(server.mails.map(({ text }) => numberIn(text))).toEqual([2])
  expect(sinks.rejections).toMatchObject([{ code: 'DOCUMENT_REFUSED', record: { offset: 1 } }])
})

test('addresses that the server does not know pause the sink until a person acts', async () => {
  const sink = await sinks.open(mailer())
  server.failAlways({ at: 'RCPT', kind: 'reply', reply: '550 5.1.1 unknown' })
  sink.add(noticeRecord(0, numberedNotice(1)))
  await until(() => sink.status?.().state === 'paused')
  expect(sink.status?.().lastError).toContain('check from and to')
})

test('a mail that only some recipients get is sent, and a log line names the others', async () => {
  const sink = await sinks.open(mailer())
  server.fail({ at: 'RCPT', kind: 'reply', reply: '550 5.1.1 unknown' })
  sink.add(noticeRecord(0, numberedNotice(1)))
  await flushAtLast(sink)
  expect(server.mails.map(({ to }) => to)).toEqual([['second@example.com']])
  expect(logger.at('warn')).toMatchObject([{ fields: { recipients: ['first@example.com'] } }])
})

test('a mail server that cannot be reached is waited for', async () => {
  const { port } = server
  await server.stop()
  const sink = await sinks.open(mailer({ port }))
  sink.add(noticeRecord(0, numberedNotice(1)))
  await until(() => sink.status?.().lastErrorCode === 'SINK_UNREACHABLE')
  await server.start(port)
  await flushAtLast(sink)
  expect(server.mails).toHaveLength(1)
})

test('all mistakes of the options are reported at once, without the password', () => {
  const options = { name: 'mail', host: '', port: 0, tls: 'none', password: 'secret', from: 'nobody', to: ['a b'] }
  expect(() => emailNotifier(options as never)).toThrow(
    [
      'email notifier mail: host is "": give a text that is not empty',
      'port is 0: give an integer from 1 to 65535',
      'password would be sent without TLS: set tls to starttls or tls',
      'username is missing: give a text that is not empty',
      'from is "nobody": give an address such as alerts@example.com',
      'to is "a b": give an address such as alerts@example.com',
    ].join('; '),
  )
})

function headerOf(mail: string, name: string): string | undefined {
  const headers = mail.split(/\r?\n\r?\n/, 1)[0]?.replaceAll(/\r?\n[ \t]+/g, ' ') ?? ''
  return new RegExp(`^${name}: (.*)$`, 'im').exec(headers)?.[1]?.trim()
}

/** Quoted-printable as it was before. */
function decoded(mail: string): string {
  const bytes = mail
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
  return Buffer.from(bytes, 'latin1').toString().replaceAll('\r\n', '\n')
}
