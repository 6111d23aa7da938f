import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Counter, Gauge, type Registry } from 'prom-client'
import { type KafkaDriver, type Logger, MillraceError } from '../src/index.ts'
import {
  type AlertDeskOptions,
  type LiveTailServer,
  type OidcOptions,
  type Role,
  startLiveTail,
} from '../src/live-tail/index.ts'
import { defineService, type ServiceDefinition } from '../src/worker/index.ts'
import { alertNotices, notifierChannels } from './alert-files.ts'
import { type FleetSettings, fleetSettingDefinitions, type LiveTailSettings } from './settings.ts'
import { alertsApplicationId, fleetTopics, topics } from './topics.ts'

/** Where the console is built, as seen from the sources and from what is built from them. */
const consoleDirectory = join(import.meta.dirname, import.meta.url.endsWith('.ts') ? '../dist/console' : '../console')

/** The worker that shows enriched logs as they pass. */
export function liveTailWorker(): ServiceDefinition<FleetSettings> {
  return defineService<FleetSettings>({
    name: 'live-tail',
    settings: fleetSettingDefinitions,
    topics: ({ kafka, deadLetterTopic, liveTail }) =>
      fleetTopics(kafka.replicationFactor, { deadLetters: deadLetterTopic, liveTail: liveTail.topic }),
    start: async ({ settings, kafka, metrics, logger }) => {
      const server = await startFleetTail(kafka, settings, logger)
      followTail(metrics, server)
      return server
    },
  })
}

/** Serves the topic of the settings. Rejects with LIVE_TAIL_TOPIC where they name none, and as `startLiveTail` does. */
export async function startFleetTail(
  kafka: KafkaDriver,
  settings: FleetSettings,
  logger: Logger,
): Promise<LiveTailServer> {
  const { ops } = settings
  const { topic, oidc, origins, workers, ...options } = settings.liveTail
  if (topic === undefined) {
    const text =
      'liveTail.topic (LIVE_TAIL_TOPIC) is unset: name the topic that the log workers write to, and give it to them too'
    throw new MillraceError('LIVE_TAIL_TOPIC', 'fatal', text)
  }
  const pagesDirectory = existsSync(join(consoleDirectory, 'index.html')) ? consoleDirectory : undefined
  const server = await startLiveTail(kafka, {
    ...options,
    oidc: oidcOptions(oidc),
    origins: origins.split(',').filter((origin) => origin !== ''),
    topics: [topic],
    analytics: { ratesTopic: topics.rates.name, alertsTopic: topics.alerts.name },
    pagesDirectory,
    // All workers of a fleet have the same token.
    workers: workers === '' ? undefined : { addresses: workers.split(','), token: ops.token },
    alerts: deskOptions(settings),
    logger,
  })
  logger.info({ port: server.port, topic, console: pagesDirectory !== undefined }, 'live tail is served')
  return server
}

/** The topics of the worker that owns the alerts. */
function deskOptions({ kafka, alerts }: FleetSettings): AlertDeskOptions {
  return {
    groupsTopic: `${alertsApplicationId(kafka)}-alert-groups-changelog`,
    silencesTopic: topics.alertSilences.name,
    acknowledgementsTopic: topics.alertAcknowledgements.name,
    channels: notifierChannels(alerts),
    requests: alertNotices(alerts).requests,
  }
}

/** Undefined: no tokens of an issuer are taken. Throws INVALID_SETTINGS where one of two settings is missing. */
function oidcOptions({ issuer, audience, roleNames, ...others }: LiveTailSettings['oidc']): OidcOptions | undefined {
  if (issuer === undefined && audience === undefined) return undefined
  if (issuer === undefined || audience === undefined) {
    const text = 'liveTail.oidc.issuer and liveTail.oidc.audience belong together: set both or none'
    throw new MillraceError('INVALID_SETTINGS', 'fatal', text)
  }
  const pairs = roleNames?.split(',').map((pair) => pair.split('=', 2) as [string, Role])
  return { ...others, issuer, audience, roleNames: pairs && Object.fromEntries(pairs) }
}

/** Read when they are asked for. */
function followTail(metrics: Registry, server: LiveTailServer): void {
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name: `millrace_live_tail_${name}`,
      help,
      registers: [metrics],
      collect() {
        this.set(value())
      },
    })
  }
  gauge('viewers', 'Viewers that are connected', () => server.status().viewers)
  gauge('lag_records', 'Records of the topic that are not read yet', () => server.status().lagRecords)
  gauge('ring_bytes', 'Bytes of the lines that are kept for viewers that come back', () => server.status().ringBytes)
  const count = (name: string, help: string, value: () => number): void => {
    new Counter({
      name: `millrace_live_tail_${name}`,
      help,
      registers: [metrics],
      collect() {
        this.reset()
        this.inc(value())
      },
    })
  }
  count('lines_read_total', 'Lines that were read', () => server.status().linesRead)
  count('lines_shown_total', 'Lines that were sent to viewers', () => server.status().linesShown)
  count('audit_entries_lost_total', 'Entries that the audit topic did not take', () => server.status().auditEntriesLost)
  new Counter({
    name: 'millrace_live_tail_analytics_records_dropped_total',
    help: 'Records that are missing in the numbers of dashboards, by reason: unreadable, bound',
    labelNames: ['reason'],
    registers: [metrics],
    collect() {
      this.reset()
      for (const [reason, records] of Object.entries(server.status().analytics?.recordsDropped ?? {}))
        this.inc({ reason }, records)
    },
  })
  new Counter({
    name: 'millrace_live_tail_lines_dropped_total',
    help: 'Lines that viewers asked for and did not get, by reason: rate, buffer',
    labelNames: ['reason'],
    registers: [metrics],
    collect() {
      this.reset()
      for (const [reason, lines] of Object.entries(server.status().linesDropped)) this.inc({ reason }, lines)
    },
  })
}
