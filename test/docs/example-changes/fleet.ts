import { before, created, type ExampleChanges } from './edit.ts'
import { pipelineChanges } from './pipelines.ts'

/** Rows about the log fleet and its tests. */
export const fleetChanges: ExampleChanges = {
  'a topology': [
    created(
      'topologies/slow-logs.ts',
      `import { type KStream, string } from '../src/index.ts'
import type { EnrichedLog } from './enriched-log.ts'

export interface SlowLogsOptions {
  readonly durationMaxMs: number
  readonly topic: string
}

export function slowLogs(
  logs: KStream<string, EnrichedLog, boolean, boolean>,
  { durationMaxMs, topic }: SlowLogsOptions,
): void {
  logs
    .filter((_, log) => (log.durationMs ?? 0) > durationMaxMs, { name: 'slow' })
    .mapValues((log) => log.toText(), { name: 'slow-documents' })
    .to(topic, { name: 'to-slow', key: string(), value: string() })
}
`,
    ),
    before(
      'topologies/log-topology.ts',
      'import { type ErrorRateOptions',
      "import { slowLogs, type SlowLogsOptions } from './slow-logs.ts'\n",
    ),
    before('topologies/log-topology.ts', '  readonly alerts: GatherOptions', '  readonly slow?: SlowLogsOptions\n'),
    before(
      'topologies/log-topology.ts',
      '    if (options.alerts',
      '    if (options.slow !== undefined) slowLogs(logs, options.slow)\n',
    ),
    before('fleet/kinds.ts', '    alerts: {', "    slow: { durationMaxMs: 5000, topic: 'fastmcp-slow-logs' },\n"),
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
    { file: 'src/alerts/severity.ts', find: "'high', 'critical']", put: "'high', 'critical', 'emergency']" },
    before('src/alerts/notices/definition.ts', '  critical: [', "  emergency: [{ teams: ['executives'] }],\n"),
    {
      file: 'src/alerts/notifiers/teams/teams-message.ts',
      find: "{ low: 'accent'",
      put: "{ emergency: 'attention', low: 'accent'",
    },
    {
      file: 'src/alerts/notifiers/opsgenie/opsgenie-request.ts',
      find: "{ low: 'P4'",
      put: "{ emergency: 'P1', low: 'P4'",
    },
    {
      file: 'src/alerts/notifiers/pagerduty/pagerduty-event.ts',
      find: "{ low: 'info'",
      put: "{ emergency: 'critical', low: 'info'",
    },
    {
      file: 'src/alerts/notifiers/slack/slack-message.ts',
      find: "{ low: '#4a90d9'",
      put: "{ emergency: '#000000', low: '#4a90d9'",
    },
    {
      file: 'fleet/alerts-worker.ts',
      find: 'routes: { critical:',
      put: 'routes: { emergency: topics.criticalAlerts.name, critical:',
    },
  ],
  'a server for tests': [
    created(
      'scripts/memcached/server.mjs',
      `// @ts-check
/** @param {{ port: number, started: (pid: number) => void }} options */
export async function startMemcachedProcess({ port, started }) {
  started(process.pid)
  return { port }
}
`,
    ),
    before(
      'scripts/shared-servers.mjs',
      'import { openSearchUnavailable',
      "import { startMemcachedProcess } from './memcached/server.mjs'\n",
    ),
    before(
      'scripts/shared-servers.mjs',
      '    apicurio: async () => {',
      '    memcached: async () => void (await startMemcachedProcess({ port: 0, started })),\n',
    ),
    created(
      'test/support/memcached.ts',
      `import { startMemcachedProcess } from '../../scripts/memcached/server.mjs'

export const startMemcached = (): Promise<{ readonly port: number }> => startMemcachedProcess({ port: 0, started: () => {} })
`,
    ),
  ],
}
