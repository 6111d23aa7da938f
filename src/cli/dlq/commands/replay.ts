import type { Command } from 'commander'
import { systemClock } from '../../../core/clock.ts'
import type { Cli } from '../../cli.ts'
import { withExamples, wholeNumber } from '../../common-options.ts'
import type { ExitCode } from '../../host.ts'
import { wholeTopic } from '../../../kafka/record-ranges.ts'
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
    const rules = { attemptsMax: options.attempts, allowShared: options.allowShared === true }
    const filter = filterOf(options)
    return LetterLedger.using(kafka, topic, async (ledger) => {
      const parts = {
        kafka,
        ledger,
        routes: new LetterRoutes(worker, admin, rules),
        ranges: await wholeTopic(admin, topic),
        filter,
        applicationId,
        lettersMax: options.limit ?? Number.POSITIVE_INFINITY,
      }
      if (options.execute !== true)
        return show(cli, options, await planLetters(parts), 'nothing was sent; --execute does it')
      const lock = await ledger.lock(cli.host.user)
      try {
        // Under the lock, so that it holds nothing that another run has sent.
        const plan = await planLetters(parts)
        if (!plan.some(({ action }) => action === 'send')) return show(cli, options, plan, 'there is nothing to send')
        const result = await cli.audited(options, {
          command: `dlq replay ${module}`,
          plan: { topic, filter, ...rules, letters: plan },
          apply: () => sendLetters(parts, lock, { clock: systemClock, user: cli.host.user }),
        })
        return show(cli, options, result, 'sent; a letter that fails again is a new letter')
      } finally {
        await lock.release()
      }
    })
  })
}

/** Exit code 1: some letters are held. */
function show(cli: Cli, { json }: ReplayOptions, counts: readonly ReplayCount[], remark: string): ExitCode {
  const rows = counts.map(({ letters, error, action, way }) => [letters, error, action, way])
  if (json === true) cli.printJson({ letters: counts })
  else cli.print(`${textTable(['letters', 'error', 'action', 'target, or reason'], rows)}${remark}\n`)
  return counts.some(({ action }) => action === 'held') ? 1 : 0
}
