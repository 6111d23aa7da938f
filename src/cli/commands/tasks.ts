import type { Command } from 'commander'
import { systemClock } from '../../core/clock.ts'
import type { Cli, CommonOptions } from '../cli.ts'
import { urls, withCommonOptions, withExamples, withViewOptions } from '../common-options.ts'
import { type TaskPlace, taskPlaces } from '../groups/group-tasks.ts'
import { type WorkerLook, WorkerLooks, workerUrls } from '../groups/worker-look.ts'
import { liveView, type ViewOptions } from '../live-view.ts'
import { textTable } from '../text-table.ts'

interface TasksOptions extends CommonOptions, ViewOptions {
  readonly worker?: readonly string[]
}

/** `millrace tasks GROUP`: which process and thread has which task. */
export function addTasks(program: Command, cli: Cli): void {
  const command = program
    .command('tasks <group>')
    .description('Shows which process and thread has which task, active or as a standby, as the group sees it.')
    .option(
      '--worker <url>',
      'ask this worker for states, restores and threads, in place of those that the group names; may be repeated (OPS_TOKEN)',
      urls,
    )
  withViewOptions(withCommonOptions(command))
  withExamples(
    command,
    'millrace tasks orders --bootstrap kafka:9092',
    'millrace tasks orders --worker http://10.0.0.7:9464 --worker http://10.0.0.8:9464',
  )
  cli.action<TasksOptions>(command, async (options, group = '') => {
    const admin = cli.kafka(options).admin()
    const { token } = cli.settings(options).ops
    const workers = new WorkerLooks({ token, warn: (fault) => cli.warn(fault) })
    await liveView(cli.host, systemClock, options, async () => {
      const description = await admin.describeGroup(group)
      const looks = await workers.at(workerUrls(options.worker, description))
      const tasks = taskPlaces(description, looks)
      const threads = threadsOf(looks)
      if (options.json === true)
        return `${JSON.stringify({ groupId: group, state: description.state, tasks, threads }, null, 2)}\n`
      return tasksText(description.state, tasks) + threadsText(threads)
    })
    return 0
  })
}

/** A thread of a worker that was asked. */
interface ThreadRow {
  readonly worker: string
  readonly thread: string
  readonly state: string
  /** What the thread waits for when `sinceRoundMs` grows. */
  readonly phase: string
  readonly sinceRoundMs: number
}

function threadsOf(looks: readonly WorkerLook[]): readonly ThreadRow[] {
  return looks.flatMap(({ url, status }) =>
    (status?.threads ?? []).map(({ name, state, phase, sinceRoundMs }) => ({
      worker: url,
      thread: name,
      state,
      phase,
      sinceRoundMs,
    })),
  )
}

function tasksText(state: string, tasks: readonly TaskPlace[]): string {
  const rows = tasks.map((task) => [
    task.taskId,
    task.role,
    task.processId,
    task.clientId,
    task.instanceId,
    task.host,
    task.state,
    task.restoreRemaining,
    task.trouble,
  ])
  const header = ['task', 'role', 'process', 'client', 'static id', 'host', 'state', 'to restore', 'trouble']
  return `group ${state}\n${textTable(header, rows)}`
}

function threadsText(threads: readonly ThreadRow[]): string {
  if (threads.length === 0) return ''
  const rows = threads.map(({ worker, thread, state, phase, sinceRoundMs }) => [
    worker,
    thread,
    state,
    phase,
    `${Math.round(sinceRoundMs)} ms`,
  ])
  return `\n${textTable(['worker', 'thread', 'state', 'phase', 'since last round'], rows)}`
}
