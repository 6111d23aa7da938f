import { defaultInputPolicy, type InputPolicy, refusableFaults } from '../topologies/input-policy.ts'
import { defineWorker, type WorkerDefinition } from '../src/worker/index.ts'
import { alertRules } from './alert-files.ts'
import { avroLogs } from './avro-logs.ts'
import { backfillOf } from './backfill.ts'
import { dedupeOptions } from './dedupe-options.ts'
import { openGeoLookup } from './geoip.ts'
import { type KindOptions, kindTopology, type WorkerKind } from './kinds.ts'
import { securityRules } from './security-files.ts'
import { type FleetSettings, fleetSettingDefinitions } from './settings.ts'
import { fleetSinks } from './sinks.ts'
import { workerPipeline } from './worker-pipeline.ts'
import { fleetTopics, maxMessageBytes } from './topics.ts'

/** A worker of the fleet: what a module in `workers/` exports for `millrace run`. */
export function fleetWorker(
  kind: WorkerKind,
  pace: KindOptions['pace'] = 'production',
): WorkerDefinition<FleetSettings> {
  return defineWorker<FleetSettings>({
    name: kind,
    settings: fleetSettingDefinitions,
    applicationId: ({ kafka }) => `${kafka.groupPrefix}-${kind}`,
    topology: async ({ settings, sinks }) =>
      kindTopology(kind, {
        sinks,
        pipeline: workerPipeline(kind, settings.pipelineFile),
        redactionHashKey: settings.redaction.hashKey,
        policy: inputPolicy(settings.input),
        templates: settings.templates.enabled,
        linesPerMinute: settings.templates.linesPerMinute,
        features: settings.features.enabled,
        dedupe: dedupeOptions(settings),
        avro: avroLogs(settings.schemaRegistry),
        rules: alertRules(settings.alerts),
        security: securityRules(settings.security),
        geo: settings.geoip.database === undefined ? undefined : await openGeoLookup(settings.geoip.database),
        liveTailTopic: settings.liveTail.topic,
        pace,
      }),
    topics: ({ kafka, deadLetterTopic, dedupe, liveTail }) =>
      fleetTopics(kafka.replicationFactor, {
        deadLetters: deadLetterTopic,
        duplicates: dedupe.topic,
        liveTail: liveTail.topic,
      }),
    redaction: ({ pipelineFile, redaction }) => ({
      rules: workerPipeline(kind, pipelineFile).redaction,
      hashKey: redaction.hashKey,
    }),
    sinks: (settings, logger) => fleetSinks(settings, logger, workerPipeline(kind, settings.pipelineFile).routes),
    options: () => ({
      bufferedRecordsPerPartition: 2000,
      producerCompression: 'lz4',
      producerMaxRequestBytes: maxMessageBytes,
    }),
  })
}

function inputPolicy(input: FleetSettings['input']): InputPolicy {
  const { refuse, original, eventAgeMaxMs, eventAheadMaxMs } = input
  return {
    ...defaultInputPolicy,
    refuse: refusableFaults.filter((fault) => refuse.split(',').includes(fault)),
    keepsOriginal: original,
    eventAgeMaxMs,
    eventAheadMaxMs,
    backfill: backfillOf(input),
  }
}
