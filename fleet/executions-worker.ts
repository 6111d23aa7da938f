import { createRedactor } from '../src/pipelines/index.ts'
import { defineWorker, type WorkerDefinition } from '../src/worker/index.ts'
import { executionTopology } from '../topologies/executions/execution-topology.ts'
import { commitInterval } from './commit-interval.ts'
import { executionSettings } from './execution-settings.ts'
import { type FleetSettings, fleetSettingDefinitions } from './settings.ts'
import { fleetTopics, maxMessageBytes, topics } from './topics.ts'
import { workerPipeline } from './worker-pipeline.ts'

/** The worker that folds what scenarios of Make.com report into executions, and makes alerts of them. */
export function executionsWorker(): WorkerDefinition<FleetSettings> {
  return defineWorker<FleetSettings>({
    name: 'executions',
    settings: [...fleetSettingDefinitions, commitInterval],
    applicationId: ({ kafka }) => `${kafka.groupPrefix}-executions`,
    topology: ({ settings, logger }) =>
      executionTopology({
        settings: executionSettings(settings.executions),
        redactor: createRedactor(redactionOf(settings)),
        topics: {
          events: topics.executionEvents.name,
          executions: topics.executions.name,
          alertChanges: topics.alertChanges.name,
        },
        logger,
      }),
    topics: ({ kafka, deadLetterTopic }) => fleetTopics(kafka.replicationFactor, { deadLetters: deadLetterTopic }),
    // Alerts are sent to people by the worker that owns them.
    sinks: () => [],
    redaction: redactionOf,
    options: () => ({
      producerCompression: 'lz4',
      producerLingerMs: 5,
      producerMaxRequestBytes: maxMessageBytes,
    }),
  })
}

/** The rules of the pipeline of application logs. */
function redactionOf({ pipelineFile, redaction }: FleetSettings) {
  return { rules: workerPipeline('application', pipelineFile).redaction, hashKey: redaction.hashKey }
}
