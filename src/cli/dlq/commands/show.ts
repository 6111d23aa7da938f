import { type Command, Option } from 'commander'
import { MillraceError } from '../../../core/errors.ts'
import type { Cli } from '../../cli.ts'
import { withExamples } from '../../common-options.ts'
import { type Decoding, decodings } from '../../records/decoding.ts'
import { type HidingOptions, redactionOf, withRedaction } from '../../records/record-options.ts'
import { rangeOfRecord } from '../../../kafka/record-ranges.ts'
import { LetterLedger } from '../letter-ledger.ts'
import { type LetterOptions, letterTopicOf, withLetterOptions } from '../letter-options.ts'
import { letterText, letterView } from '../letter-view.ts'
import { readLetters } from '../read-letters.ts'

interface ShowOptions extends LetterOptions, HidingOptions {
  readonly as: Decoding
}

/** `millrace dlq show ID`: one letter, with its reason and the bytes of its record. */
export function addDlqShow(dlq: Command, cli: Cli): void {
  const command = withRedaction(withLetterOptions(dlq.command('show <id>')))
    .description('Shows a dead letter: reason, headers, and the record as it was read.')
    .addOption(new Option('--as <form>', 'how key and value are shown').choices(decodings).default('auto'))
  withExamples(command, 'millrace dlq show 0@12 --topic orders-dead-letters', 'millrace dlq show 0@12 --as hex --json')
  cli.action<ShowOptions>(command, async (options, id = '') => {
    const topic = letterTopicOf(cli, options)
    const [, partition, offset] = /^(\d+)@(\d+)$/.exec(id) ?? []
    if (partition === undefined || offset === undefined)
      throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', `'${id}' names no letter: give partition@offset, as in 0@12`)
    const redaction = await redactionOf(cli, options)
    const kafka = cli.kafka(options)
    const ranges = await rangeOfRecord(kafka.admin(), { topic, partition: Number(partition), offset: Number(offset) })
    const view = await LetterLedger.using(kafka, topic, async (ledger) => {
      for await (const letter of readLetters(kafka, ranges, ledger, { all: true, id: [id] }))
        return letterView(letter, ledger.entry(id), { decoding: options.as, redaction })
      return undefined
    })
    if (view !== undefined) {
      if (options.json === true) cli.printJson(view)
      else cli.print(letterText(view))
      return 0
    }
    cli.warn(`${topic} has no letter ${id}: see millrace dlq list --all`)
    return 1
  })
}
