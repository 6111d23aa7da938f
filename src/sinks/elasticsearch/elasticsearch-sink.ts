import { dailyName } from '../daily-name.ts'
import type { SinkFactory, SinkPlaces } from '../port.ts'
import { sinkFactoryOf } from '../sink-factory.ts'
import { ElasticsearchPreparation } from './elasticsearch-preparation.ts'
import { ElasticsearchTarget } from './elasticsearch-target.ts'
import { ElasticsearchVersion } from './elasticsearch-version.ts'
import {
  type ElasticsearchConfig,
  type ElasticsearchSinkOptions,
  elasticsearchConfig,
} from './elasticsearch-options.ts'

/**
 * Writes documents to Elasticsearch or OpenSearch with bulk requests. A second delivery writes nothing twice: index and
 * id are functions of the record. Throws INVALID_SETTINGS, which lists all invalid options.
 */
export function elasticsearchSink(options: ElasticsearchSinkOptions): SinkFactory {
  const config = elasticsearchConfig(options)
  return sinkFactoryOf(config, new ElasticsearchTarget(config), {
    versioned: (label) => versionedSink(options, config, label),
    placesOf: (fromMs, toMs) => placesOf(options, config, fromMs, toMs),
    preparation: new ElasticsearchPreparation(config),
  })
}

/** One index per name that the days have; undefined where a function names them. */
function placesOf(
  { index }: ElasticsearchSinkOptions,
  { setups: [setup] }: ElasticsearchConfig,
  fromMs: number,
  toMs: number,
): SinkPlaces | undefined {
  if (typeof index !== 'string') return undefined
  const nameOf = dailyName(index)
  const names = new Set([nameOf(fromMs), nameOf(toMs - 1)])
  for (let dayMs = fromMs; dayMs < toMs && names.size < daysMax; dayMs += 86_400_000) names.add(nameOf(dayMs))
  return { indices: names.size, shards: setup === undefined ? undefined : names.size * setup.shards }
}

/** More indices than any server takes. */
const daysMax = 100_000

/** Its indices begin with the label, so that a pattern of the live ones does not find them. */
function versionedSink(
  options: ElasticsearchSinkOptions,
  { indexOf, setups }: ElasticsearchConfig,
  label: string,
): SinkFactory {
  const prefix = `${label.replace(/^[^a-zA-Z0-9]+/, '').toLowerCase()}-`
  const setup = setups.map(({ lifecycle, ...own }) => ({
    ...own,
    ...(lifecycle === undefined ? {} : { lifecycle }),
    templateName: `${prefix}${own.templateName}`,
    patterns: own.patterns.map((pattern) => `${prefix}${pattern}`),
  }))
  const own: ElasticsearchSinkOptions = {
    ...options,
    name: `${options.name}${label}`,
    index: (record) => `${prefix}${indexOf(record)}`,
    acceptsRollover: false,
    setup,
  }
  const live = typeof options.index === 'string' ? options.index : undefined
  return { ...elasticsearchSink(own), version: new ElasticsearchVersion(elasticsearchConfig(own), live, prefix) }
}
