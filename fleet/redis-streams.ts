import { hours } from '../src/index.ts'
import type { RedisStreamOptions } from '../src/sinks/index.ts'
import { isErrorLog } from './documents.ts'

/** Who reads logs from Redis, and what of them. */
export function redisStreams(prefix: string): readonly RedisStreamOptions[] {
  return [
    {
      key: `${prefix}:realtime`,
      entriesMax: 10_000,
      ageMsMax: hours(1),
      groups: ['dashboard', 'alerts', 'analytics'],
    },
    {
      key: `${prefix}:errors`,
      when: isErrorLog,
      entriesMax: 5000,
      ageMsMax: hours(24),
      groups: ['monitoring', 'incident-response'],
    },
  ]
}
