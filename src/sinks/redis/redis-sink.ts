import type { SinkFactory } from '../port.ts'
import { sinkFactoryOf } from '../sink-factory.ts'
import { type RedisSinkOptions, redisSinkConfig } from './redis-options.ts'
import { RedisTarget } from './redis-target.ts'

/**
 * Writes documents to streams of Redis (6.2 and newer), each within a number of entries and an age, with consumer
 * groups. An entry has the fields `id`, by which a document that was delivered twice is recognized, and `document`, which
 * is JSON. Throws INVALID_SETTINGS, which lists all invalid options.
 */
export function redisSink(options: RedisSinkOptions): SinkFactory {
  const config = redisSinkConfig(options)
  return sinkFactoryOf(config, new RedisTarget(config))
}
