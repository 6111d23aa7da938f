import type { Command } from 'commander'
import { systemClock } from '../../../core/clock.ts'
import type { Cli } from '../../cli.ts'
import { withExamples, wholeNumber } from '../../common-options.ts'
import { wholeTopic } from '../../records/record-ranges.ts'
import { textTable } from '../../text-table.ts'
import type { LetterFilter } from '../letter-filter.ts'
import { LetterLedger } from '../letter-ledger.ts'
import { filterOf, type LetterOptions, letterTopicOf, withFilter, withLetterOptions } from '../letter-options.ts'
import { LetterRoutes } from '../letter-routes.ts'
import { planLetters, type ReplayCount, sendLetters } from '../replay-letters.ts'

interface ReplayOptions extends LetterOptions, LetterFilter {
  readonly attempts: number
  readonly limit?: number
  readonly allowShared?: boolean
  readonly execute?: boolean
}

/** `millrace dlq replay MODULE`: open letters go back where their records came from. */
export function addDlqReplay(dlq: Command, cli: Cli): void {
  const command = withFilter(withLetterOptions(dlq.command('replay <module>')))
    .description(
      'Sends the records of open letters back to the topics that they came from; the running application reads them again. Prints the plan; --execute carries it out. Exit code 1: some are held back.',
    )
    .option('--id <id...>', 'these letters, as dlq list and dlq show name them')
    .option('--attempts <number>', 'how often one record may be tried again', wholeNumber(1), 3)
    .option('--limit <letters>', 'send at most this many', wholeNumber(1))
    .option('--allow-shared', 'send to a topic although other groups read it too')
    .option('--execute', 'carry out the plan')
  withExamples(
    command,
    'millrace dlq replay ./dist/topology.js --error NEGATIVE',
    'millrace dlq replay ./dist/topology.js --node check --limit 100 --execute',
  )
  cli.action<ReplayOptions>(command, async (options, module = '') => {
    const worker = await cli.worker(module, options)
    const { applicationId, engine } = worker
    const topic = letterTopicOf(cli, options, engine.deadLetterTopic)
    const kafka = cli.kafka(options)
    const admin = kafka.admin()
    const ledger = await LetterLedger.open(kafka, topic)
    const rules = { attemptsMax: options.attempts, allowShared: options.allowShared === true }
    const filter = filterOf(options)
    const parts = {
      kafka,
      ledger,
      routes: new LetterRoutes(worker, admin, rules),
      ranges: await wholeTopic(admin, topic),
      filter,
      applicationId,
      lettersMax: options.limit ?? Number.POSITIVE_INFINITY,
    }
    const plan = await planLetters(parts)
    if (options.execute !== true) {
      show(cli, options, plan, 'nothing was sent; --execute does it')
      return exitCodeOf(plan)
    }
    if (!plan.some(({ action }) => action === 'send')) {
      show(cli, options, plan, 'there is nothing to send')
      return exitCodeOf(plan)
    }
    const result = await cli.audited(options, {
      command: `dlq replay ${module}`,
      plan: { topic, filter, ...rules, letters: plan },
      apply: () => sendLetters(parts, { clock: systemClock, user: cli.host.user }),
    })
    show(cli, options, result, 'sent; a letter that fails again is a new letter')
    return exitCodeOf(result)
  })
}

function exitCodeOf(counts: readonly ReplayCount[]): 0 | 1 {
  return counts.some(({ action }) => action === 'held') ? 1 : 0
}

function show(cli: Cli, { json }: ReplayOptions, counts: readonly ReplayCount[], remark: string): void {
  if (json === true) return cli.printJson({ letters: counts })
  const rows = counts.map(({ letters, error, action, way }) => [letters, error, action, way])
  cli.print(`${textTable(['letters', 'error', 'action', 'target, or reason'], rows)}${remark}\n`)
}
