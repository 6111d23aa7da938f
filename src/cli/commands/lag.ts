import type { Command } from 'commander'
import { counted } from '../../core/counted.ts'
import { systemClock } from '../../core/clock.ts'
import type { Cli, CommonOptions } from '../cli.ts'
import { withCommonOptions, withExamples, withViewOptions } from '../common-options.ts'
import { groupLag } from '../groups/group-lag.ts'
import { lagCells, lagColumns } from '../groups/lag-cells.ts'
import { type MovingLag, withRates } from '../groups/lag-rates.ts'
import { liveView, type ViewOptions } from '../live-view.ts'
import { type Cell, textTable } from '../text-table.ts'

/** `millrace lag GROUP`: how far a group is behind, for each partition. */
export function addLag(program: Command, cli: Cli): void {
  const command = program
    .command('lag <group>')
    .description(
      'Shows how far a group is behind, in records and seconds, how fast it reads, and which member reads which partition.',
    )
  withViewOptions(withCommonOptions(command))
  withExamples(command, 'millrace lag orders --bootstrap kafka:9092', 'millrace lag orders --once --json')
  cli.action<CommonOptions & ViewOptions>(command, async (options, group = '') => {
    const kafka = cli.kafka(options)
    await liveView(cli.host, systemClock, options, async () => {
      const before = await groupLag(kafka, group, systemClock.nowMs())
      const startedMs = systemClock.monotonicMs()
      await systemClock.sleep(options.interval * 1000)
      const after = await groupLag(kafka, group, systemClock.nowMs())
      const partitions = withRates(before, after, systemClock.monotonicMs() - startedMs)
      if (options.json === true) return `${JSON.stringify({ ...after, partitions }, null, 2)}\n`
      return lagText(after.state, partitions)
    })
    return 0
  })
}

const header = ['topic', 'partition', 'committed', 'end', 'lag', ...lagColumns, 'owner']

function lagText(state: string, partitions: readonly MovingLag[]): string {
  const total = partitions.reduce((sum, { records = 0 }) => sum + records, 0)
  const unknown = partitions.filter(({ records }) => records === undefined).length
  const without = unknown === 0 ? '' : `; ${counted(unknown, 'partition')} without a commit`
  return `group ${state}, lag ${counted(total, 'record')}${without}\n${textTable(header, partitions.map(rowOf))}`
}

function rowOf(row: MovingLag): readonly Cell[] {
  return [
    row.topic,
    row.partition,
    row.committed,
    row.end,
    row.records,
    ...lagCells(row),
    row.expired > 0 ? `${row.owner ?? '-'} (${row.expired} expired)` : row.owner,
  ]
}
