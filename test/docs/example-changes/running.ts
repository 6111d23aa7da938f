import { before, created, type ExampleChanges } from './edit.ts'

/** Rows about what runs and shows an application. */
export const runningChanges: ExampleChanges = {
  'a thread of another kind': [
    created(
      'src/runtime/thread/counting-thread.ts',
      `import { StreamThread } from './stream-thread.ts'
import type { ThreadHandle } from './thread-handle.ts'

export class CountingThread extends StreamThread implements ThreadHandle {
  starts = 0

  override start(): Promise<void> {
    this.starts++
    return super.start()
  }
}
`,
    ),
    before(
      'src/runtime/application/event-loop-threads.ts',
      'import { StreamThread }',
      "import { CountingThread } from '../thread/counting-thread.ts'\n",
    ),
    {
      file: 'src/runtime/application/event-loop-threads.ts',
      find: 'export const eventLoopThreads: ThreadKind',
      put: `export const countingThreads: ThreadKind = {
  sharesStores: true,
  create: (...parts) => new CountingThread(...parts),
}

export const eventLoopThreads: ThreadKind`,
    },
    before(
      'src/app.ts',
      'import { splitFunctions }',
      "import { countingThreads } from './runtime/application/event-loop-threads.ts'\n",
    ),
    {
      file: 'src/app.ts',
      find: "(threadKind === 'auto' && !isAutomatic)) return undefined",
      put: "(threadKind === 'auto' && !isAutomatic)) return countingThreads",
    },
  ],
  'a metric': [
    before(
      'src/runtime/thread/thread-status.ts',
      '  /** The id of the task, such as `0_3`: subtopology and partition. */',
      '  readonly restarts?: number\n',
    ),
    before(
      'src/ops/status-gauges.ts',
      "  gauge('millrace_tasks'",
      `  gauge('millrace_task_restarts', 'Restarts of the tasks of this process', [], (set, { tasks }) =>
    set.set(sum(tasks, (task) => task.restarts ?? 0)),
  )
`,
    ),
  ],
  'an HTTP endpoint': [
    before(
      'src/ops/admin.ts',
      "      ['GET /tasks'",
      "      ['GET /brokers', status(({ kafka }) => kafka.brokers)],\n",
    ),
  ],
  'a section of the console': [
    created(
      'src/live-tail/clock/clock-desk.ts',
      `import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../core/clock.ts'
import { refuse } from '../../core/http-refusal.ts'
import { clockSection } from '../access/sections.ts'
import type { Desk } from '../desk.ts'
import type { Reception } from '../reception.ts'

export class ClockDesk implements Desk {
  readonly methods = { '/clock': 'GET' } as const
  readonly #world: { readonly reception: Reception; readonly clock: Clock }

  constructor(world: { readonly reception: Reception; readonly clock: Clock }) {
    this.#world = world
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const entered = await this.#world.reception.enter(request, clockSection)
    if ('status' in entered) return refuse(response, entered)
    response.end(JSON.stringify({ nowMs: this.#world.clock.nowMs() }))
  }
}
`,
    ),
    before(
      'src/live-tail/access/sections.ts',
      '/** Executions of Make.com',
      "export const clockSection: Section = Object.freeze({ name: 'clock', isFor: () => true })\n\n",
    ),
    before('src/live-tail/open-desks.ts', 'import { Closing }', "import { ClockDesk } from './clock/clock-desk.ts'\n"),
    before(
      'src/live-tail/open-desks.ts',
      '  /** The topic of executions',
      '  readonly clockDesk?: boolean | undefined\n',
    ),
    {
      file: 'src/live-tail/open-desks.ts',
      find: 'desks: [workers,',
      put: 'desks: [options.clockDesk === true ? new ClockDesk(world) : undefined, workers,',
    },
    { file: 'src/live-tail/live-tail-server.ts', find: 'workers, analytics,', put: 'clockDesk, workers, analytics,' },
    { file: 'src/live-tail/live-tail-server.ts', find: '= { workers,', put: '= { clockDesk, workers,' },
  ],
  'a command': [
    created(
      'src/cli/commands/settings.ts',
      `import type { Command } from 'commander'
import type { Cli, CommonOptions } from '../cli.ts'

export function addSettings(program: Command, cli: Cli): void {
  cli.action<CommonOptions>(program.command('settings'), async (options) => {
    cli.printJson(cli.settings(options))
    return 0
  })
}
`,
    ),
    before('src/cli/commands/commands.ts', 'import { addTopics }', "import { addSettings } from './settings.ts'\n"),
    { file: 'src/cli/commands/commands.ts', find: 'addDescribe,', put: 'addSettings, addDescribe,' },
  ],
  'an option of the engine': [
    before(
      'src/runtime/settings.ts',
      '  /** The longest wait for new records',
      '  readonly idleRoundsMax?: number | undefined\n',
    ),
    before('src/runtime/settings.ts', '  readonly pollMs: number\n', '  readonly idleRoundsMax: number\n'),
    before('src/runtime/settings.ts', '  pollMs: [0, 100],', '  idleRoundsMax: [0, 10],\n'),
  ],
  'a setting of a worker': [
    before(
      'src/worker/setting-definitions.ts',
      "  setting('kafka.tls'",
      "  setting('kafka.rack', 'KAFKA_RACK', text),\n",
    ),
    before('src/worker/worker-settings.ts', '    readonly tls: boolean', '    readonly rack?: string\n'),
    before(
      'fleet/settings.ts',
      "  setting('geoip.database'",
      "  setting('geoip.language', 'GEOIP_LANGUAGE', { ...name, default: 'en' }),\n",
    ),
    { file: 'fleet/settings.ts', find: 'geoip: { ', put: 'geoip: { readonly language: string; ' },
  ],
  "a setting's default": [
    { file: 'src/runtime/settings.ts', find: 'dirtyEntriesMax: [1, 50_000]', put: 'dirtyEntriesMax: [1, 100_000]' },
    { file: 'src/worker/setting-definitions.ts', find: "default: 'millrace'", put: "default: 'worker'" },
  ],
  'an option of the chart': [
    before('helm/millrace/values.yaml', 'podDisruptionBudget:', 'shareProcesses: false\n\n'),
    before(
      'helm/millrace/values.schema.json',
      '    "podDisruptionBudget":',
      '    "shareProcesses": { "type": "boolean" },\n',
    ),
    before(
      'helm/millrace/templates/_pod.tpl',
      '  automountServiceAccountToken: false\n  terminationGracePeriodSeconds',
      '  shareProcessNamespace: {{ $values.shareProcesses }}\n',
    ),
  ],
  'an error code': [
    before(
      'src/core/error-codes/sinks.ts',
      '  DOCUMENT_ID_INVALID: {',
      `  DOCUMENT_TOO_OLD: {
    when: 'a document is older than its index may be',
    consequence: 'record',
    fix: 'send it to an index of its day',
  },
`,
    ),
    created(
      'src/sinks/elasticsearch/document-age.ts',
      `import { MillraceError } from '../../core/errors.ts'

export function tooOld(ageMs: number): MillraceError {
  return new MillraceError('DOCUMENT_TOO_OLD', 'record', \`the document is \${ageMs} ms old: send it to an index of its day\`)
}
`,
    ),
  ],
  'a consequence of errors': [
    {
      file: 'src/core/error-codes/row.ts',
      find: "  | 'retriable'\n",
      put: "  | 'retriable'\n  | 'thread-replaced'\n",
    },
    before('scripts/docs/error-page.ts', '  retriable: ', "  'thread-replaced': 'a new thread takes its place',\n"),
    before(
      'src/runtime/thread/recovery.ts',
      "    if (consequence === 'fatal' ||",
      "    if (consequence === 'thread-replaced') throw error\n",
    ),
  ],
  'a rule of retries': [
    { file: 'src/core/backoff.ts', find: 'failures - 1, 30', put: 'failures - 1, 20' },
    { file: 'src/runtime/thread/retry.ts', find: 'firstWaitMs = 200', put: 'firstWaitMs = 100' },
  ],
}
