import { describe, test } from '@jest/globals'
import { apicurioUnavailable } from '../../scripts/apicurio/server.mjs'
import { chromiumUnavailable } from '../../scripts/chromium.mjs'
import { helmUnavailable } from '../../scripts/helm/tools.mjs'
import { kafkaUnavailable } from '../../scripts/kafka/install.mjs'
import { kubernetesUnavailable } from '../../scripts/kubernetes/install.mjs'
import { prometheusUnavailable } from '../../scripts/prometheus.mjs'
import { nginxUnavailable } from '../../scripts/nginx/tools.mjs'
import { redisUnavailable } from '../../scripts/redis/server.mjs'
import { openSearchUnavailable } from '../../scripts/opensearch/server.mjs'
import { rdkafkaUnavailable } from './rdkafka.ts'
import { smallDiskUnavailable } from './small-disk.ts'

const unavailability = {
  kafka: kafkaUnavailable,
  opensearch: openSearchUnavailable,
  apicurio: apicurioUnavailable,
  chromium: chromiumUnavailable,
  helm: helmUnavailable,
  kubernetes: kubernetesUnavailable,
  nginx: nginxUnavailable,
  prometheus: prometheusUnavailable,
  rdkafka: rdkafkaUnavailable,
  redis: redisUnavailable,
  'small disk': smallDiskUnavailable,
} as const satisfies Record<string, () => string | undefined>

export type ServerName = keyof typeof unavailability

/** What a machine without packages of its system, without 20 minutes to build them, or without root does not have. */
const mayBeMissing: ReadonlySet<ServerName> = new Set([
  'chromium',
  'kubernetes',
  'nginx',
  'prometheus',
  'redis',
  'small disk',
])

export interface ServerSuite {
  /** `describe` where the servers can start; else the suite is skipped under a name that says why. */
  readonly describe: (name: string, body: () => void) => void
}

/** The mark in a suite's name by which `npm test` lists what was skipped and why. */
export const skipMark = 'SKIPPED, needs'
/** The mark of a suite that may be skipped under CI too; `scripts/test.mjs` knows it. */
const mayBeSkippedMark = 'SKIPPED, optional, needs'

/**
 * A suite that needs real servers: `requireServer('kafka').describe('the wire driver', () => { ... })`.
 * Where one of them cannot run the suite is skipped by name. With CI=true that fails the run instead, except for servers
 * that may be missing.
 */
export function requireServer(...names: readonly ServerName[]): ServerSuite {
  const missing = names.flatMap((name) => {
    const reason = unavailability[name]()
    return reason === undefined ? [] : [{ name, reason }]
  })
  if (missing.length === 0) return { describe: (name, body) => describe(name, body) }
  const reasons = missing.map(({ name, reason }) => `${name}: ${reason}`).join('; ')
  const isOptional = missing.every(({ name }) => mayBeMissing.has(name))
  if (isOptional || process.env.CI !== 'true') {
    const mark = isOptional ? mayBeSkippedMark : skipMark
    return { describe: (name, body) => describe.skip(`${name} [${mark} ${reasons}]`, body) }
  }
  return {
    describe: (name) =>
      describe(name, () => {
        test('its servers can start', () => {
          throw new Error(`under CI a suite may not be skipped: ${reasons}`)
        })
      }),
  }
}
