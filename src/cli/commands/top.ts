import type { Command } from 'commander'
import { systemClock } from '../../core/clock.ts'
import type { KafkaDriver } from '../../kafka/port.ts'
import type { Cli, CommonOptions } from '../cli.ts'
import { withCommonOptions, withExamples, withViewOptions } from '../common-options.ts'
import { type GroupLag, groupLag } from '../groups/group-lag.ts'
import { lagCells, lagColumns } from '../groups/lag-cells.ts'
import { isNotDescribed } from '../groups/other-readers.ts'
import { type TopicLag, topicLags } from '../groups/topic-lag.ts'
import { WorkerLooks } from '../groups/worker-look.ts'
import { type WorkerRow, workerRows } from '../groups/worker-rows.ts'
import { liveView, type ViewOptions } from '../live-view.ts'
import { textTable } from '../text-table.ts'

/** `millrace top [GROUP…]`: every group in one view, with the one furthest behind first. */
export function addTop(program: Command, cli: Cli): void {
  const command = program
    .command('top [group...]')
    .description(
      'Shows groups by topic: lag, rates, time to drain, members; and the workers of these groups, where they can be reached (OPS_TOKEN). Without a group: all of the cluster.',
    )
  withViewOptions(withCommonOptions(command))
  withExamples(command, 'millrace top --bootstrap kafka:9092', 'millrace top orders payments --once --json')
  cli.action<CommonOptions & ViewOptions>(command, async (options, ...groups) => {
    const kafka = cli.kafka(options)
    const { token } = cli.settings(options).ops
    const workers = new WorkerLooks({ token, warn: (fault) => cli.warn(fault) })
    await liveView(cli.host, systemClock, options, async () => {
      const before = await looks(kafka, groups)
      const startedMs = systemClock.monotonicMs()
      await systemClock.sleep(options.interval * 1000)
      const after = await looks(kafka, groups)
      const elapsedMs = systemClock.monotonicMs() - startedMs
      const earlier = new Map(before.map((look) => [look.groupId, look]))
      const rows = after.flatMap((look) => topicLags(earlier.get(look.groupId) ?? look, look, elapsedMs))
      const sorted = [...rows].sort((left, right) => right.records - left.records)
      const found = workerRows(await workers.at(after.flatMap((look) => look.workers)))
      return options.json === true
        ? `${JSON.stringify({ topics: sorted, workers: found }, null, 2)}\n`
        : topText(sorted) + workersText(found)
    })
    return 0
  })
}

/** Groups that were named have to exist; one of the list may vanish in between, or be of another protocol. */
async function looks(kafka: KafkaDriver, named: readonly string[]): Promise<readonly GroupLag[]> {
  const groups = named.length > 0 ? named : await kafka.admin().listGroups()
  const found: GroupLag[] = []
  for (const group of groups) {
    try {
      found.push(await groupLag(kafka, group, systemClock.nowMs()))
    } catch (error) {
      if (named.length > 0 || !isNotDescribed(error)) throw error
    }
  }
  return found
}

const header = ['group', 'state', 'members', 'topic', 'partitions', 'lag', ...lagColumns]

function topText(rows: readonly TopicLag[]): string {
  return textTable(
    header,
    rows.map((row) => [
      row.groupId,
      row.state,
      row.members,
      row.topic,
      row.unknownPartitions > 0 ? `${row.partitions} (${row.unknownPartitions} without a commit)` : `${row.partitions}`,
      row.records,
      ...lagCells(row),
    ]),
  )
}

function workersText(rows: readonly WorkerRow[]): string {
  if (rows.length === 0) return ''
  const cells = rows.map(({ worker, applicationId, state, tasks, standbys, toRestore, trouble }) => {
    return [worker, applicationId, state, tasks, standbys, toRestore, trouble.join(', ') || undefined]
  })
  return `\n${textTable(['worker', 'application', 'state', 'tasks', 'standbys', 'to restore', 'trouble'], cells)}`
}
