import type { Command } from 'commander'
import { counted } from '../../../core/counted.ts'
import { systemClock } from '../../../core/clock.ts'
import { MillraceError } from '../../../core/errors.ts'
import type { Cli } from '../../cli.ts'
import { withExamples } from '../../common-options.ts'
import { wholeTopic } from '../../../kafka/record-ranges.ts'
import type { LetterFilter } from '../letter-filter.ts'
import { LetterLedger } from '../letter-ledger.ts'
import { filterOf, type LetterOptions, letterTopicOf, withFilter, withLetterOptions } from '../letter-options.ts'
import { readLetters } from '../read-letters.ts'

interface ResolveOptions extends LetterOptions, LetterFilter {
  readonly reason?: string
  readonly execute?: boolean
}

/** `millrace dlq resolve`: letters that need nothing more are no longer counted as open. */
export function addDlqResolve(dlq: Command, cli: Cli): void {
  const command = withFilter(withLetterOptions(dlq.command('resolve [id...]')))
    .description(
      'Marks open letters as done: those that are named, or all that the options choose. Nothing is deleted.',
    )
    .option('--reason <text>', 'a remark, which dlq show prints')
    .option('--execute', 'do it; without it, only the letters are counted')
  withExamples(
    command,
    'millrace dlq resolve 0@12 0@13 --reason "test data" --execute',
    'millrace dlq resolve --error UNKNOWN_LEVEL --until 2026-11-01T00:00:00Z',
  )
  cli.action<ResolveOptions>(command, async (options, ...id) => {
    const topic = letterTopicOf(cli, options)
    const filter = filterOf({ ...options, ...(id.length > 0 && { id }) })
    if (Object.keys(filter).length === 0) {
      const text = 'no letters are chosen: name them, or choose them with an option, such as --error or --until'
      throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', text)
    }
    const kafka = cli.kafka(options)
    const ids: string[] = []
    await LetterLedger.using(kafka, topic, async (ledger) => {
      for await (const letter of readLetters(kafka, await wholeTopic(kafka.admin(), topic), ledger, filter))
        ids.push(letter.id)
      if (options.execute !== true || ids.length === 0) return
      await cli.audited(options, {
        command: 'dlq resolve',
        plan: { topic, filter, letters: ids.length, reason: options.reason },
        apply: () => resolveAll(ledger, ids, cli.host.user, options.reason),
      })
    })
    const missing = id.filter((name) => !ids.includes(name))
    if (missing.length > 0) cli.warn(`not open, or not there: ${missing.join(', ')}`)
    if (options.json === true) cli.printJson({ topic, letters: ids, executed: options.execute === true })
    else
      cli.print(
        `${counted(ids.length, 'letter')} ${options.execute === true ? 'resolved' : 'to resolve; --execute does it'}`,
      )
    return missing.length > 0 ? 1 : 0
  })
}

async function resolveAll(
  ledger: LetterLedger,
  ids: readonly string[],
  user: string,
  reason: string | undefined,
): Promise<{ readonly resolved: number }> {
  const atMs = systemClock.nowMs()
  for (const id of ids)
    await ledger.write({ id, state: 'resolved', atMs, user, ...(reason !== undefined && { reason }) })
  return { resolved: ids.length }
}
