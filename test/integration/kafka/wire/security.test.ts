import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { ManualClock } from '../../../../src/core/clock.ts'
import type { ClusterOptions } from '../../../../src/kafka/wire/connection/cluster-options.ts'
import { Keepalive } from '../../../../src/kafka/wire/group/keepalive.ts'
import type { SaslOptions } from '../../../../src/kafka/wire/connection/sasl.ts'
import { freePorts } from '../../../../scripts/lab/processes.mjs'
import { builtProgram } from '../../../support/built.ts'
import { type KafkaCluster, startKafka } from '../../../support/kafka-cluster.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'
import { requireServer } from '../../../support/require-server.ts'
import { type Certificate, TestAuthority } from './certificates.ts'
import { createScramUser } from './scram-users.ts'
import { OpenClusters, pause, uniqueName, until } from './brokers.ts'
import { TestMember, topologyOf } from './test-member.ts'

const names = ['PLAINTEXT', 'CONTROLLER', 'SASL', 'SHORT', 'TLS', 'EXPIRED', 'MISNAMED', 'MUTUAL', 'SASLTLS'] as const
type Listener = (typeof names)[number]

const security: Record<Listener, string> = {
  PLAINTEXT: 'PLAINTEXT',
  CONTROLLER: 'PLAINTEXT',
  SASL: 'SASL_PLAINTEXT',
  SHORT: 'SASL_PLAINTEXT',
  TLS: 'SSL',
  EXPIRED: 'SSL',
  MISNAMED: 'SSL',
  MUTUAL: 'SSL',
  SASLTLS: 'SASL_SSL',
}

const alice = { username: 'alice', password: 'wonderland-secret' }
const plainModule = `org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="${alice.password}";`
const scramModule = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'

function saslProperties(listener: 'sasl' | 'short' | 'sasltls'): Record<string, string> {
  const prefix = `listener.name.${listener}`
  return {
    [`${prefix}.sasl.enabled.mechanisms`]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    [`${prefix}.plain.sasl.jaas.config`]: plainModule,
    [`${prefix}.oauthbearer.sasl.jaas.config`]:
      'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;',
    [`${prefix}.scram-sha-256.sasl.jaas.config`]: scramModule,
    [`${prefix}.scram-sha-512.sasl.jaas.config`]: scramModule,
  }
}

function tlsProperties(listener: string, certificate: Certificate): Record<string, string> {
  const prefix = `listener.name.${listener}`
  return { [`${prefix}.ssl.keystore.type`]: 'PEM', [`${prefix}.ssl.keystore.location`]: certificate.keyStore }
}

/** A token without a signature, which a broker takes that is not told to check any. */
function unsecuredToken(lifeSeconds: number): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const nowSeconds = Math.floor(Date.now() / 1000)
  return `${encode({ alg: 'none' })}.${encode({ sub: 'alice', iat: nowSeconds, exp: nowSeconds + lifeSeconds })}.`
}

requireServer('kafka').describe('a listener with security on a real broker', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-tls-'))
  const clusters = new OpenClusters()
  let kafka: KafkaCluster
  let ports: Record<Listener, number>
  let authority: TestAuthority
  let client: Certificate

  beforeAll(async () => {
    const free = await freePorts(names.length)
    ports = Object.fromEntries(names.map((name, index) => [name, free[index]])) as Record<Listener, number>
    authority = new TestAuthority(folder, 'authority')
    client = authority.issue('client', 'DNS:client')
    const server = authority.issue('server', 'IP:127.0.0.1')
    const listeners = names.map((name) => `${name}://127.0.0.1:${ports[name]}`)
    kafka = await startKafka({
      extra: {
        listeners: listeners.join(),
        'advertised.listeners': listeners.filter((listener) => !listener.startsWith('CONTROLLER')).join(),
        'controller.quorum.voters': `1@127.0.0.1:${ports.CONTROLLER}`,
        'listener.security.protocol.map': names.map((name) => `${name}:${security[name]}`).join(),
        ...saslProperties('sasl'),
        ...saslProperties('short'),
        ...saslProperties('sasltls'),
        'listener.name.short.plain.connections.max.reauth.ms': '1500',
        ...tlsProperties('tls', server),
        ...tlsProperties('mutual', server),
        ...tlsProperties('sasltls', server),
        ...tlsProperties('expired', authority.issue('expired', 'IP:127.0.0.1', true)),
        ...tlsProperties('misnamed', authority.issue('misnamed', 'DNS:kafka.example')),
        'listener.name.mutual.ssl.client.auth': 'required',
        'listener.name.mutual.ssl.truststore.type': 'PEM',
        'listener.name.mutual.ssl.truststore.location': authority.certificateFile,
      },
    })
    const cluster = clusters.open(`127.0.0.1:${ports.PLAINTEXT}`)
    for (const hash of ['sha256', 'sha512'] as const) await createScramUser(cluster, { ...alice, hash })
  })
  afterEach(() => clusters.closeAll())
  afterAll(async () => {
    await kafka?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Asks for metadata; the number of brokers that it names. */
  async function connect(listener: Listener, options: Partial<ClusterOptions>, deadlineMs = 30_000): Promise<number> {
    const cluster = clusters.open(`127.0.0.1:${ports[listener]}`, options)
    await cluster.refresh([], deadlineMs)
    return cluster.metadata.nodes.size
  }

  const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const

  test.each(mechanisms)('accepts the right password by %s', async (mechanism) => {
    expect(await connect('SASL', { sasl: { mechanism, ...alice } })).toBe(1)
  })

  test.each(mechanisms)('refuses a wrong password by %s for good, without telling it', async (mechanism) => {
    const attempt = connect('SASL', { sasl: { mechanism, username: 'alice', password: 'wrong-one' } })
    const error = await attempt.catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED', consequence: 'fatal' })
    expect(String((error as Error).stack)).not.toContain('wrong-one')
  })

  test('accepts a token by OAUTHBEARER', async () => {
    expect(await connect('SASL', { sasl: { mechanism: 'OAUTHBEARER', token: async () => unsecuredToken(60) } })).toBe(1)
  })

  test('refuses a token that is over, for good and without telling it', async () => {
    const token = unsecuredToken(-3600)
    const error = await connect('SASL', { sasl: { mechanism: 'OAUTHBEARER', token: async () => token } }).catch(
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED', consequence: 'fatal' })
    expect(String((error as Error).stack)).not.toContain(token)
  })

  test('refuses a user that it does not know', async () => {
    const attempt = connect('SASL', { sasl: { mechanism: 'SCRAM-SHA-256', username: 'mallory', password: 'x' } })
    await expect(attempt).rejects.toMatchObject({
      code: 'SASL_AUTHENTICATION_FAILED',
      message: expect.stringContaining('user mallory'),
    })
  })

  test('is not asked for a mechanism that we do not speak: the fault names those that we do', async () => {
    const sasl = { mechanism: 'GSSAPI', ...alice } as unknown as SaslOptions
    await expect(connect('SASL', { sasl })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('SCRAM-SHA-512'),
    })
  })

  test('a listener without SASL is reported to a client with SASL', async () => {
    const attempt = connect('PLAINTEXT', { sasl: { mechanism: 'PLAIN', ...alice } })
    await expect(attempt).rejects.toMatchObject({ code: 'ILLEGAL_SASL_STATE', consequence: 'fatal' })
  })

  test('that limits the life of a session is asked on without an error', async () => {
    const cluster = clusters.open(`127.0.0.1:${ports.SHORT}`, { sasl: { mechanism: 'PLAIN', ...alice } })
    for (let round = 0; round < 40; round++) {
      await cluster.refresh([], 30_000)
      await pause(100)
    }
    expect(cluster.metadata.nodes.size).toBe(1)
  })

  test('speaks TLS with an authority that is trusted, by file and by text', async () => {
    expect(await connect('TLS', { tls: { ca: authority.certificateFile } })).toBe(1)
    expect(await connect('TLS', { tls: { ca: readFileSync(authority.certificateFile, 'utf8') } })).toBe(1)
  })

  test('speaks SCRAM inside TLS', async () => {
    const options = { tls: { ca: authority.certificateFile }, sasl: { mechanism: 'SCRAM-SHA-512', ...alice } as const }
    expect(await connect('SASLTLS', options)).toBe(1)
  })

  test('a client with its own certificate is accepted', async () => {
    const tls = { ca: authority.certificateFile, cert: client.certificate, key: client.key }
    expect(await connect('MUTUAL', { tls })).toBe(1)
  })

  test('does not let in a client without one', async () => {
    await expect(connect('MUTUAL', { tls: { ca: authority.certificateFile } })).rejects.toMatchObject({
      code: 'TLS_REFUSED',
      consequence: 'fatal',
    })
  })

  test.each<[string, Listener, RegExp]>([
    ['whose certificate has expired', 'EXPIRED', /CERT_HAS_EXPIRED/],
    ['whose certificate has another name', 'MISNAMED', /ERR_TLS_CERT_ALTNAME_INVALID/],
  ])('%s is refused for good', async (_, listener, why) => {
    const attempt = connect(listener, { tls: { ca: authority.certificateFile } })
    await expect(attempt).rejects.toMatchObject({
      code: 'TLS_UNTRUSTED',
      consequence: 'fatal',
      message: expect.stringMatching(why),
    })
  })

  test('with another name is accepted where that name is expected', async () => {
    expect(await connect('MISNAMED', { tls: { ca: authority.certificateFile, servername: 'kafka.example' } })).toBe(1)
  })

  test('of an unknown authority is refused for good', async () => {
    await expect(connect('TLS', { tls: {} })).rejects.toMatchObject({ code: 'TLS_UNTRUSTED', consequence: 'fatal' })
  })

  test('that speaks TLS names the missing option to a client in plain text', async () => {
    await expect(connect('TLS', {}, 6000)).rejects.toMatchObject({
      message: expect.stringMatching(/set tls|closed the connection/),
    })
  })

  test('in plain text does not hang a client that speaks TLS', async () => {
    const tls = { ca: authority.certificateFile }
    await expect(connect('PLAINTEXT', { tls, connectTimeoutMs: 1000 }, 3000)).rejects.toMatchObject({
      consequence: 'retriable',
    })
  })

  test.each<[string, Listener, () => Partial<ClusterOptions>]>([
    ['without security', 'PLAINTEXT', () => ({})],
    ['by PLAIN', 'SASL', () => ({ sasl: { mechanism: 'PLAIN', ...alice } })],
    ['by SCRAM', 'SASL', () => ({ sasl: { mechanism: 'SCRAM-SHA-256', ...alice } })],
    ['by a token', 'SASL', () => ({ sasl: { mechanism: 'OAUTHBEARER', token: async () => unsecuredToken(60) } })],
    [
      'by a password in TLS',
      'SASLTLS',
      () => ({ tls: { ca: authority.certificateFile }, sasl: { mechanism: 'SCRAM-SHA-512', ...alice } }),
    ],
  ])('takes heartbeats of a thread %s', async (_, listener, options) => {
    const entry = pathToFileURL(builtProgram('src/kafka/wire/keepalive-thread'))
    const cluster = clusters.open(`127.0.0.1:${ports[listener]}`, options())
    const member = new TestMember(cluster, 'kept', uniqueName('kept'), topologyOf([])).start()
    await until('the member is in its group', () => member.member.isSettled)
    const logger = new RecordingLogger()
    // To the thread it looks as if the loop was held: no time passes for who tells it that the loop turns.
    const config = { ...cluster.config, logger, clock: new ManualClock() }
    const keepalive = new Keepalive(config, entry)
    const { groupId, memberId, generation } = member.member.metadata()
    const times = { sessionTimeoutMs: 6_000, heartbeatIntervalMs: 100, rebalanceTimeoutMs: 60_000 }
    keepalive.keep(
      () => ({ groupId, memberId, generation, clientId: 'kept', instanceId: undefined, ...times }),
      () => {},
    )
    await until('it stood in for the loop', async () => {
      keepalive.tell()
      await pause(500)
      return logger.lines.length > 0
    })
    expect(logger.lines[0]).toMatchObject({ level: 'info', fields: { failure: undefined } })
    expect(logger.lines[0]?.fields['heartbeats']).toBeGreaterThan(0)
    await keepalive.close()
    await member.leave()
  })
})
