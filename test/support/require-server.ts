import { describe, test } from '@jest/globals'
import { apicurioUnavailable } from '../../scripts/apicurio/server.mjs'
import { helmUnavailable } from '../../scripts/helm/tools.mjs'
import { kafkaUnavailable } from '../../scripts/kafka/install.mjs'
import { kubernetesUnavailable } from '../../scripts/kubernetes/install.mjs'
import { prometheusUnavailable } from '../../scripts/prometheus.mjs'
import { nginxUnavailable } from '../../scripts/nginx/tools.mjs'
import { openSearchUnavailable } from '../../scripts/opensearch/server.mjs'
import { rdkafkaUnavailable } from './rdkafka.ts'

const unavailability = {
  kafka: kafkaUnavailable,
  opensearch: openSearchUnavailable,
  apicurio: apicurioUnavailable,
  helm: helmUnavailable,
  kubernetes: kubernetesUnavailable,
  nginx: nginxUnavailable,
  prometheus: prometheusUnavailable,
  rdkafka: rdkafkaUnavailable,
} as const satisfies Record<string, () => string | undefined>

export type ServerName = keyof typeof unavailability

export interface ServerSuite {
  /** `describe` where the servers can start; else the suite is skipped under a name that says why. */
  readonly describe: (name: string, body: () => void) => void
}

/** The mark in a suite's name by which `npm test` lists what was skipped and why. */
export const skipMark = 'SKIPPED, needs'

/**
 * A suite that needs real servers: `requireServer('kafka').describe('the wire driver', () => { ... })`.
 * Where one of them cannot run the suite is skipped by name; with CI=true that fails the run instead.
 */
export function requireServer(...names: readonly ServerName[]): ServerSuite {
  const missing = names.flatMap((name) => {
    const reason = unavailability[name]()
    return reason === undefined ? [] : [`${name}: ${reason}`]
  })
  if (missing.length === 0) return { describe: (name, body) => describe(name, body) }
  const reasons = missing.join('; ')
  if (process.env.CI !== 'true')
    return { describe: (name, body) => describe.skip(`${name} [${skipMark} ${reasons}]`, body) }
  return {
    describe: (name) =>
      describe(name, () => {
        test('its servers can start', () => {
          throw new Error(`under CI a suite may not be skipped: ${reasons}`)
        })
      }),
  }
}
