import { readFileSync } from 'node:fs'
import type { RedisConnectionOptions } from '../redis/redis-options.ts'
import type { WorkerSettings } from './worker-settings.ts'

/** How a worker reaches Redis, its certificates read from their files; undefined where `redis.url` is unset. */
export function redisConnection(settings: WorkerSettings['redis']): RedisConnectionOptions | undefined {
  const { url, cluster, username, password, tlsCaFile, tlsCertFile, tlsKeyFile } = settings
  if (url === undefined) return undefined
  const files = { ca: tlsCaFile, cert: tlsCertFile, key: tlsKeyFile }
  const given = Object.entries(files).flatMap(([name, path]) =>
    path === undefined ? [] : [[name, readFileSync(path, 'utf8')] as const],
  )
  return {
    url: url.split(','),
    cluster,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(given.length === 0 ? {} : { tls: Object.fromEntries(given) }),
  }
}
