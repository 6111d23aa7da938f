import type { AlertChange, ModelWatch, RulePlan } from '../src/alerts/index.ts'
import { defineTopology, json, type Logger, string, type TopologyDefinition } from '../src/index.ts'
import { defineWorker, type WorkerDefinition } from '../src/worker/index.ts'
import { readChange } from '../topologies/alerting/alert-inputs.ts'
import { detect } from '../topologies/alerting/detect.ts'
import { labelsTable, readLabelsTable } from '../topologies/alerting/label-shelf.ts'
import { notify, type NotifyOptions } from '../topologies/alerting/notify.ts'
import { respond } from '../topologies/alerting/respond.ts'
import { archive, publish } from '../topologies/alerting/publish.ts'
import { watchModels } from '../topologies/alerting/watch-models.ts'
import { type AlertFiles, readAlertFiles, unreachedReceivers } from './alert-files.ts'
import { commitInterval } from './commit-interval.ts'
import { type FleetSettings, fleetSettingDefinitions } from './settings.ts'
import { alertSink, alertSinks } from './sinks.ts'
import { alertsApplicationId, fleetTopics, maxMessageBytes, topics } from './topics.ts'

export interface AlertsTopologyOptions extends Pick<NotifyOptions, 'plan' | 'notifiers' | 'logger'> {
  /** Names of the sinks that take every alert. */
  readonly sinks: readonly string[]
  readonly rules: readonly RulePlan[]
  /** Topics that are judged by models. Default: none. */
  readonly watches?: readonly ModelWatch[]
  /** A source of logs that nobody has heard of for so long is left out. Default: as the setting. */
  readonly sourceSilentMs?: number | undefined
}

/** The worker that owns the alerts of the fleet: it decides who is notified of them, and sends it. */
export function alertsWorker(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): WorkerDefinition<FleetSettings> {
  // The topology and the sinks are made of the same files, which are read once.
  const known = new WeakMap<FleetSettings, AlertFiles>()
  const filesOf = (settings: FleetSettings, logger: Logger): AlertFiles => {
    const files = known.get(settings) ?? readAlertFiles(settings, logger, environment)
    known.set(settings, files)
    return files
  }
  return defineWorker<FleetSettings>({
    name: 'alerts',
    settings: [...fleetSettingDefinitions, commitInterval],
    applicationId: ({ kafka }) => alertsApplicationId(kafka),
    topology: ({ settings, sinks, logger }) => {
      const { rules, notices, notifiers, watches } = filesOf(settings, logger)
      warnOfUnreached(unreachedReceivers(notices, settings.alerts), logger)
      return alertsTopology({
        rules,
        watches,
        plan: notices,
        notifiers,
        logger,
        sourceSilentMs: settings.alerts.sourceSilentMs,
        sinks: sinks.filter((name) => name === alertSink),
      })
    },
    topics: ({ kafka, deadLetterTopic }) => fleetTopics(kafka.replicationFactor, { deadLetters: deadLetterTopic }),
    sinks: (settings, logger) => alertSinks(settings, filesOf(settings, logger).notifiers, logger),
    options: () => ({ producerMaxRequestBytes: maxMessageBytes }),
  })
}

function warnOfUnreached(receivers: readonly string[], logger: Logger): void {
  if (receivers.length === 0) return
  const text =
    'receivers have no notifier, and their notices are in the topic and in this log only: set ALERTS_NOTIFIERS_FILE'
  logger.warn({ receivers }, text)
}

/** What log workers have gathered becomes changes of alerts; those become notices, and alerts that others read. */
export function alertsTopology({
  rules,
  watches = [],
  plan,
  notifiers,
  logger,
  sinks,
  sourceSilentMs,
}: AlertsTopologyOptions): TopologyDefinition {
  return defineTopology('alerts', (builder) => {
    readLabelsTable(builder, topics.detectionLabels.name)
    detect(builder, {
      rules,
      labels: labelsTable,
      observationsTopic: topics.alertObservations.name,
      changesTopic: topics.alertChanges.name,
      ...(sourceSilentMs !== undefined && { silentAfterMs: sourceSilentMs }),
      logger,
    })
    watchModels(builder, {
      watches,
      modelsTopic: topics.detectionModels.name,
      labels: labelsTable,
      changesTopic: topics.alertChanges.name,
      logger,
    })
    const changes = builder
      .stream(topics.alertChanges.name, { key: string(), value: json<AlertChange>({ bigIntegers: 'round' }) })
      .mapValues(readChange, { name: 'check-changes' })
    publish(changes, {
      topic: topics.alerts.name,
      routes: { critical: topics.criticalAlerts.name },
    })
    respond(changes, { rules, topic: topics.responseActions.name })
    notify(builder, changes, {
      plan,
      notifiers,
      logger,
      topics: {
        silences: topics.alertSilences.name,
        acknowledgements: topics.alertAcknowledgements.name,
        sources: topics.alertSources.name,
        moves: topics.alertMoves.name,
        notices: topics.alertNotices.name,
      },
    })
    archive(builder, topics.alerts.name, sinks)
  })
}
