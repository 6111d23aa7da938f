import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { freePorts } from '../../../../scripts/lab/processes.mjs'
import { type KafkaCluster, startKafka } from '../../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../../support/kafkajs-peer.ts'
import { requireServer } from '../../../support/require-server.ts'
import { TestAuthority } from '../../kafka/wire/certificates.ts'
import { WordsProcess } from './words-process.ts'

const names = ['PLAINTEXT', 'CONTROLLER', 'SASLTLS'] as const
const security = { PLAINTEXT: 'PLAINTEXT', CONTROLLER: 'PLAINTEXT', SASLTLS: 'SASL_SSL' }
const oauthModule = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;'

/** A token without a signature, which a broker takes if it has no key to check one with. */
function unsecuredToken(): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const nowSeconds = Math.floor(Date.now() / 1000)
  return `${encode({ alg: 'none' })}.${encode({ sub: 'alice', iat: nowSeconds, exp: nowSeconds + 3600 })}.`
}

requireServer('kafka').describe('worker threads on a broker with security', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-secured-'))
  const authority = new TestAuthority(folder, 'authority')
  let kafka: KafkaCluster
  let peer: KafkajsPeer
  let bootstrap: string
  let child: WordsProcess | undefined

  beforeAll(async () => {
    const ports = await freePorts(names.length)
    const addresses = names.map((name, index) => `${name}://127.0.0.1:${ports[index]}`)
    const { keyStore } = authority.issue('server', 'IP:127.0.0.1')
    kafka = await startKafka({
      extra: {
        listeners: addresses.join(),
        'advertised.listeners': addresses.filter((address) => !address.startsWith('CONTROLLER')).join(),
        'controller.quorum.voters': `1@127.0.0.1:${ports[1]}`,
        'listener.security.protocol.map': names.map((name) => `${name}:${security[name]}`).join(),
        'listener.name.sasltls.sasl.enabled.mechanisms': 'OAUTHBEARER',
        'listener.name.sasltls.oauthbearer.sasl.jaas.config': oauthModule,
        'listener.name.sasltls.ssl.keystore.type': 'PEM',
        'listener.name.sasltls.ssl.keystore.location': keyStore,
      },
    })
    bootstrap = `127.0.0.1:${ports[2]}`
    peer = await KafkajsPeer.connect(`127.0.0.1:${ports[0]}`)
  })
  afterAll(async () => {
    await child?.kill()
    await peer?.close()
    await kafka?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('each thread connects with TLS, and with tokens that the process returns', async () => {
    await peer.createTopics({ 'secured-words': 4, 'secured-names': 1, 'secured-seen': 1, 'secured-counts': 1 })
    child = new WordsProcess('secured', {
      applicationId: 'secured',
      kafka: { bootstrap, tls: { ca: authority.certificateFile }, sasl: { mechanism: 'OAUTHBEARER' } },
      token: unsecuredToken(),
      threads: 2,
      commitIntervalMs: 100,
      producerLingerMs: 5,
    })
    await child.ask('running')
    const words = Array.from({ length: 40 }, (_, index) => ({ key: `k${index}`, value: 'word', partition: index % 4 }))
    await peer.send('secured-words', words)
    await peer.untilCount('secured-seen', 40)
    const threads = (await peer.readAll('secured-seen')).map(({ value }) => String(value).split(' ')[0])
    expect(new Set(threads).size).toBe(2)
    await child.ask('close')
  }, 60_000)
})
