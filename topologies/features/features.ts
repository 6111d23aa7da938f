import type { FeatureRow } from '../../src/detection/index.ts'
import { json, type KStream, string } from '../../src/index.ts'
import type { EnrichedLog } from '../enriched-log.ts'
import { FeatureGatherer } from './feature-gatherer.ts'
import { FeatureProcessor, featureStore } from './feature-processor.ts'
import type { FeatureRecord, FeatureStreamOptions } from './feature-record.ts'

/**
 * Features of the logs of each service and each of its components, once for each window: how many, errors, durations,
 * templates, and how the components of a service move together.
 */
export function features(logs: KStream<string, EnrichedLog, boolean, boolean>, options: FeatureStreamOptions): void {
  logs
    .process({ create: () => new FeatureGatherer(options) }, { name: 'feature-pieces' })
    .repartition({ name: 'features-by-service', key: string(), value: json<FeatureRow>() })
    .process({ create: () => new FeatureProcessor(options), stores: [featureStore] }, { name: 'features' })
    .to(options.featuresTopic, { name: 'to-features', key: string(), value: json<FeatureRecord>() })
}
