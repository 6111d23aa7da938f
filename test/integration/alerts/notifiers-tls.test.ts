import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emailNotifier, type EmailOptions, webhookNotifier } from '../../../src/alerts/index.ts'
import type { Sink, SinkFactory } from '../../../src/sinks/port.ts'
import { noticeOf, noticeRecord } from '../../support/notices.ts'
import { OpenSinks } from '../../support/open-sinks.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'
import { flushAtLast } from '../../support/sink-patience.ts'
import { SmtpServer, type SmtpServerOptions } from '../../support/smtp-server.ts'
import { until } from '../../support/until.ts'
import { TestAuthority } from '../kafka/wire/certificates.ts'

/** Both as PEM. */
interface Certificate {
  readonly key: string
  readonly certificate: string
}

let folder: string
let ca: string
let good: Certificate
let expired: Certificate
let ofAnotherHost: Certificate
let sinks: OpenSinks
let logger: RecordingLogger

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-alerts-'))
  const authority = new TestAuthority(folder, 'alerts-test')
  ca = readFileSync(authority.certificateFile, 'utf8')
  good = issued(authority, 'good', 'IP:127.0.0.1')
  expired = issued(authority, 'expired', 'IP:127.0.0.1', true)
  ofAnotherHost = issued(authority, 'other', 'IP:127.0.0.2')
})

function issued(authority: TestAuthority, name: string, subject: string, isExpired = false): Certificate {
  const { key, certificate } = authority.issue(name, subject, isExpired)
  return { key: readFileSync(key, 'utf8'), certificate: readFileSync(certificate, 'utf8') }
}

afterAll(() => rmSync(folder, { recursive: true }))

beforeEach(() => {
  sinks = new OpenSinks()
  logger = new RecordingLogger()
})

afterEach(() => sinks.close())

async function notified(factory: SinkFactory): Promise<Sink> {
  const sink = await sinks.open(factory)
  sink.add(noticeRecord(0, noticeOf()))
  return sink
}

async function paused(sink: Sink): Promise<string> {
  sink.pump(performance.now() + 5000)
  await until(() => sink.status?.().state === 'paused')
  const { lastErrorCode, lastError = '' } = sink.status?.() ?? {}
  expect(lastErrorCode).toBe('SINK_MISCONFIGURED')
  return lastError
}

describe('a webhook over TLS', () => {
  let server: Server
  const bodies: string[] = []

  async function start({ key, certificate }: Certificate): Promise<string> {
    server = createServer({ key, cert: certificate }, (request, response) => {
      request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()))
      request.on('end', () => response.end())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}/secret-path`
  }

  beforeEach(() => void bodies.splice(0))

  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  test('is delivered to a server of a trusted authority', async () => {
    const url = await start(good)
    const sink = await notified(webhookNotifier({ name: 'hook', url, ca }))
    await flushAtLast(sink)
    expect(bodies).toHaveLength(1)
  })

  test.each<[string, () => Certificate, boolean]>([
    ['an unknown authority', () => good, false],
    ['a certificate that has expired', () => expired, true],
    ['a certificate of another host', () => ofAnotherHost, true],
  ])('pauses at %s, and sends nothing', async (_, certificate, isTrusted) => {
    const url = await start(certificate())
    const sink = await notified(webhookNotifier({ name: 'hook', url, ...(isTrusted ? { ca } : {}), logger }))
    expect(await paused(sink)).toContain('check its certificate')
    expect(bodies).toEqual([])
    expect(JSON.stringify(logger.lines)).not.toContain('secret-path')
  })
})

describe('mail over TLS', () => {
  const login = { username: 'alerts', password: 'secret-of-mail' }
  let server: SmtpServer

  async function start(options: SmtpServerOptions = {}): Promise<void> {
    const { key, certificate } = good
    server = new SmtpServer({ key, certificate, login, ...options })
    await server.start()
  }

  afterEach(() => server.stop())

  function mailer(more: Partial<EmailOptions> = {}): SinkFactory {
    return emailNotifier({
      name: 'mail',
      host: '127.0.0.1',
      port: server.port,
      ...login,
      from: 'alerts@example.com',
      to: 'people@example.com',
      ca,
      logger,
      ...more,
    })
  }

  test('begins with STARTTLS, logs in and is delivered', async () => {
    await start()
    await flushAtLast(await notified(mailer()))
    expect(server.mails).toMatchObject([{ isEncrypted: true, user: 'alerts' }])
  })

  test('is delivered to a server that begins with TLS', async () => {
    await start({ isSecure: true })
    await flushAtLast(await notified(mailer({ tls: 'tls' })))
    expect(server.mails).toMatchObject([{ isEncrypted: true, user: 'alerts' }])
  })

  test('pauses at a certificate of an unknown authority', async () => {
    await start()
    const { port } = server
    const addresses = { from: 'alerts@example.com', to: 'people@example.com' }
    const factory = emailNotifier({ name: 'mail', host: '127.0.0.1', port, ...login, ...addresses, logger })
    expect(await paused(await notified(factory))).toContain('check its certificate')
    expect(server.mails).toEqual([])
  })

  test('pauses at a server without TLS, and does not log in', async () => {
    await start()
    await server.stop()
    server = new SmtpServer({ login })
    await server.start()
    expect(await paused(await notified(mailer()))).toContain('check host, port and tls')
    expect(server.mails).toEqual([])
  })

  test('pauses at a wrong password, which is in no log line and no error', async () => {
    await start()
    const password = 'wrong-secret-of-mail'
    const reason = await paused(await notified(mailer({ password })))
    expect(reason).toContain('check username and password')
    const said = JSON.stringify([reason, logger.lines])
    expect(said).toContain('535')
    const carried = ['secret-of-mail', Buffer.from(`\0alerts\0${password}`).toString('base64')]
    for (const secret of carried) expect(said).not.toContain(secret)
  })
})
