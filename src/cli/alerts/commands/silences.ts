import type { Command } from 'commander'
import type { Silence } from '../../../alerts/index.ts'
import { systemClock } from '../../../core/clock.ts'
import type { Cli, CommonOptions } from '../../cli.ts'
import { withCommonOptions, withExamples } from '../../common-options.ts'
import { textTable } from '../../text-table.ts'
import { alertTopicHelp, alertTopicOf } from '../alert-topics.ts'
import { matchText } from '../match-text.ts'
import { idOfSilence, readSilenceRows, readSilences, writeSilence } from '../silence-topic.ts'
import { timeText } from '../../time-text.ts'

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
      timeText(endMs),
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
    const rows = await readSilenceRows(cli, kafka, topic)
    const key = idOfSilence([...rows.keys()], id)
    const silence = rows.get(key)
    await cli.audited(options, {
      command: `alerts unsilence ${key}`,
      plan: { topic, silence: silence ?? key },
      apply: () => writeSilence(kafka, topic, key, null),
    })
    if (options.json === true) cli.printJson(silence ?? null)
    else
      cli.print(
        silence === undefined
          ? `deleted: ${key}, which silenced nothing`
          : `no longer silenced: ${matchText(silence.match)}`,
      )
    return 0
  })
}
