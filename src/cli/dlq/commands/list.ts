import type { Command } from 'commander'
import { counted } from '../../../core/counted.ts'
import type { Cli } from '../../cli.ts'
import { withExamples } from '../../common-options.ts'
import { wholeTopic } from '../../../kafka/record-ranges.ts'
import { textTable } from '../../text-table.ts'
import type { LetterFilter } from '../letter-filter.ts'
import { type LetterGroup, LetterGroups } from '../letter-groups.ts'
import { LetterLedger } from '../letter-ledger.ts'
import { filterOf, type LetterOptions, letterTopicOf, withFilter, withLetterOptions } from '../letter-options.ts'
import { timeText } from '../../time-text.ts'
import { readLetters } from '../read-letters.ts'

/** `millrace dlq list`: dead letters by cause. */
export function addDlqList(dlq: Command, cli: Cli): void {
  const command = withFilter(withLetterOptions(dlq.command('list')))
    .description('Counts dead letters by error, node, source, application and topology. Exit code 1: some are open.')
    .option('--all', 'count those that were replayed or resolved too')
  withExamples(
    command,
    'millrace dlq list --topic orders-dead-letters --bootstrap kafka:9092',
    'millrace dlq list --error NEGATIVE --since 2026-11-01T00:00:00Z --json',
  )
  cli.action<LetterOptions & LetterFilter>(command, async (options) => {
    const topic = letterTopicOf(cli, options)
    const kafka = cli.kafka(options)
    const groups = new LetterGroups()
    await LetterLedger.using(kafka, topic, async (ledger) => {
      const ranges = await wholeTopic(kafka.admin(), topic)
      for await (const letter of readLetters(kafka, ranges, ledger, filterOf(options)))
        groups.add(letter, ledger.entry(letter.id))
    })
    const rows = groups.all()
    const open = rows.reduce((sum, group) => sum + group.open, 0)
    if (options.json === true) cli.printJson({ topic, open, groups: rows })
    else cli.print(listText(topic, open, rows))
    return open > 0 ? 1 : 0
  })
}

const header = [
  'open',
  'replayed',
  'resolved',
  'error',
  'node',
  'source',
  'application',
  'topology',
  'from',
  'to',
  'one',
]

function listText(topic: string, open: number, groups: readonly LetterGroup[]): string {
  const title = `${counted(open, 'open dead letter')} in ${topic}\n`
  if (groups.length === 0) return title
  const rows = groups.map((group) => [
    group.open,
    group.replayed,
    group.resolved,
    group.error,
    group.node,
    group.source,
    group.application,
    group.topology?.slice(0, 12),
    timeText(group.fromMs),
    timeText(group.toMs),
    group.example,
  ])
  return title + textTable(header, rows)
}
