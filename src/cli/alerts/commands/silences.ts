import type { Command } from 'commander'
import type { Silence } from '../../../alerts/index.ts'
import { systemClock } from '../../../core/clock.ts'
import type { Cli, CommonOptions } from '../../cli.ts'
import { withCommonOptions, withExamples } from '../../common-options.ts'
import { textTable } from '../../text-table.ts'
import { alertTopicHelp, alertTopicOf } from '../alert-topics.ts'
import { matchText } from '../match-text.ts'
import { readSilences, silenceById, writeSilence } from '../silence-topic.ts'

interface SilencesOptions extends CommonOptions {
  readonly all?: boolean
  readonly silencesTopic?: string
}

/** `millrace alerts silences`: those that hold. */
export function addAlertsSilences(alerts: Command, cli: Cli): void {
  const command = withCommonOptions(
    alerts
      .command('silences')
      .description('Shows the silences that hold, the one that ends first at the beginning.')
      .option('--all', 'also those that are over')
      .option('--silences-topic <name>', alertTopicHelp('silences')),
  )
  withExamples(command, 'millrace alerts silences')
  cli.action<SilencesOptions>(command, async (options) => {
    const topic = alertTopicOf(cli, 'silences', options.silencesTopic)
    const nowMs = systemClock.nowMs()
    const all = await readSilences(cli, cli.kafka(options), topic)
    const shown = all.filter(({ endMs }) => options.all === true || endMs > nowMs)
    if (options.json === true) cli.printJson(shown)
    else cli.print(shown.length === 0 ? 'nothing is silenced' : silencesText(shown, nowMs))
    return 0
  })
}

function silencesText(silences: readonly Silence[], nowMs: number): string {
  return textTable(
    ['id', 'state', 'until', 'author', 'alerts', 'reason'],
    silences.map(({ id, startMs, endMs, author, match, reason }) => [
      id,
      endMs <= nowMs ? 'over' : startMs > nowMs ? 'to come' : 'holds',
      new Date(endMs).toISOString(),
      author,
      matchText(match),
      reason,
    ]),
  )
}

/** `millrace alerts unsilence ID`. */
export function addAlertsUnsilence(alerts: Command, cli: Cli): void {
  const command = withCommonOptions(
    alerts
      .command('unsilence <id>')
      .description('Ends a silence. The first characters of its id are enough.')
      .option('--silences-topic <name>', alertTopicHelp('silences')),
  )
  withExamples(command, 'millrace alerts unsilence 3f2a')
  cli.action<SilencesOptions>(command, async (options, id = '') => {
    const topic = alertTopicOf(cli, 'silences', options.silencesTopic)
    const kafka = cli.kafka(options)
    const silence = silenceById(await readSilences(cli, kafka, topic), id)
    await cli.audited(options, {
      command: `alerts unsilence ${silence.id}`,
      plan: { topic, silence },
      apply: () => writeSilence(kafka, topic, silence.id, null),
    })
    if (options.json === true) cli.printJson(silence)
    else cli.print(`no longer silenced: ${matchText(silence.match)}`)
    return 0
  })
}
