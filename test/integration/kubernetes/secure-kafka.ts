import { readFileSync } from 'node:fs'
import { freePorts } from '../../../scripts/lab/processes.mjs'
import { startKafka } from '../../support/kafka-cluster.ts'
import { OpenClusters } from '../kafka/wire/brokers.ts'
import { TestAuthority } from '../kafka/wire/certificates.ts'
import { createScramUser } from '../kafka/wire/scram-users.ts'

const user = { username: 'alice', password: 'wonderland-secret' }

/** One broker with two listeners: a plain one for the test, and one with TLS and SCRAM-SHA-512 for workers and KEDA. */
export async function startSecureKafka(folder: string) {
  const [plain, secure, controller] = (await freePorts(3)) as [number, number, number]
  const authority = new TestAuthority(folder, 'authority')
  const { keyStore } = authority.issue('server', 'IP:127.0.0.1')
  const listeners = `PLAINTEXT://127.0.0.1:${plain},SECURE://127.0.0.1:${secure}`
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
  const kafka = await startKafka({
    extra: {
      listeners: `${listeners},CONTROLLER://127.0.0.1:${controller}`,
      'advertised.listeners': listeners,
      'controller.quorum.voters': `1@127.0.0.1:${controller}`,
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL',
      'listener.name.secure.sasl.enabled.mechanisms': 'SCRAM-SHA-512',
      'listener.name.secure.scram-sha-512.sasl.jaas.config': scram,
      'listener.name.secure.ssl.keystore.type': 'PEM',
      'listener.name.secure.ssl.keystore.location': keyStore,
    },
  })
  const bootstrap = `127.0.0.1:${plain}`
  const clusters = new OpenClusters()
  await createScramUser(clusters.open(bootstrap), { ...user, hash: 'sha512' })
  clusters.closeAll()
  return {
    /** As the test reaches it. */
    kafka: {
      bootstrap,
      kill: (node: number) => kafka.kill(node),
      restart: (node: number) => kafka.restart(node),
      stop: () => kafka.stop(),
    },
    /** As values of the chart name it. */
    config: {
      bootstrapServers: `127.0.0.1:${secure}`,
      tls: { enabled: true, ca: true },
      saslMechanism: 'SCRAM-SHA-512',
    },
    secret: {
      KAFKA_SASL_USERNAME: user.username,
      KAFKA_SASL_PASSWORD: user.password,
      KAFKA_TLS_CA: readFileSync(authority.certificateFile, 'utf8'),
    },
  }
}
