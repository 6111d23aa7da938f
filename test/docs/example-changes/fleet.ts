import { before, created, type ExampleChanges } from './edit.ts'
import { pipelineChanges } from './pipelines.ts'

/** Rows about the log fleet and its tests. */
export const fleetChanges: ExampleChanges = {
  'a topology': [
    created(
      'topologies/slow-logs.ts',
      `import { type Alert, alert } from '../schemas/alert.ts'
import type { KStream } from '../src/index.ts'
import type { EnrichedLog } from './enriched-log.ts'

export interface SlowLogsOptions {
  readonly durationMaxMs: number
}

export function slowLogs(
  logs: KStream<string, EnrichedLog, boolean, boolean>,
  { durationMaxMs }: SlowLogsOptions,
): KStream<string, Alert, boolean, boolean> {
  return logs
    .filter((_, log) => (log.durationMs ?? 0) > durationMaxMs, { name: 'slow' })
    .map((_, log) => [log.service, alert('slow', log.service, 'low', log.timestamp, 'a slow call', {})], {
      name: 'slow-alerts',
    })
}
`,
    ),
    before(
      'topologies/log-topology.ts',
      'import { type SecurityOptions',
      "import { slowLogs, type SlowLogsOptions } from './slow-logs.ts'\n",
    ),
    before('topologies/log-topology.ts', '  readonly alerts: AlertsOptions', '  readonly slow?: SlowLogsOptions\n'),
    before(
      'topologies/log-topology.ts',
      '    alerts(found',
      '    if (options.slow !== undefined) found.push(slowLogs(logs, options.slow))\n',
    ),
    { file: 'fleet/kinds.ts', find: "'errorRate' | 'anomaly'", put: "'errorRate' | 'anomaly' | 'slow'" },
  ],
  'a field of logs': [
    before('schemas/log-fields.ts', '  statusCode: {', "  region: { type: 'text', isRead: true, mapping: keyword },\n"),
    before('topologies/json-log.ts', '  readonly ip: string', '  readonly region: string | undefined\n'),
    before('topologies/json-log.ts', '    this.ip = ', '    this.region = textAt(scan, text, slots.region)\n'),
    before(
      'topologies/enriched-log.ts',
      '  get ip()',
      '  get region(): string | undefined {\n    return this.#source.region\n  }\n\n',
    ),
  ],
  ...pipelineChanges,
  'a severity of alerts': [
    { file: 'schemas/alert.ts', find: "'high', 'critical']", put: "'high', 'critical', 'emergency']" },
    {
      file: 'fleet/kinds.ts',
      find: 'routes: { critical:',
      put: 'routes: { emergency: topics.criticalAlerts.name, critical:',
    },
  ],
  'a server for tests': [
    created(
      'scripts/redis/server.mjs',
      `// @ts-check
/** @param {{ port: number, started: (pid: number) => void }} options */
export async function startRedisProcess({ port, started }) {
  started(process.pid)
  return { port }
}
`,
    ),
    before(
      'scripts/shared-servers.mjs',
      'import { openSearchUnavailable',
      "import { startRedisProcess } from './redis/server.mjs'\n",
    ),
    before(
      'scripts/shared-servers.mjs',
      '    apicurio: async () => {',
      '    redis: async () => void (await startRedisProcess({ port: 0, started })),\n',
    ),
    created(
      'test/support/redis.ts',
      `import { startRedisProcess } from '../../scripts/redis/server.mjs'

export const startRedis = (): Promise<{ readonly port: number }> => startRedisProcess({ port: 0, started: () => {} })
`,
    ),
  ],
}
