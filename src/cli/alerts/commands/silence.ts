import { type Command, InvalidArgumentError } from 'commander'
import { compileSilence, type Match, newSilence, type Silence } from '../../../alerts/index.ts'
import { systemClock } from '../../../core/clock.ts'
import { counted } from '../../../core/counted.ts'
import { MillraceError } from '../../../core/errors.ts'
import type { KafkaDriver } from '../../../kafka/port.ts'
import type { Cli, CommonOptions } from '../../cli.ts'
import { isoTime, withCommonOptions, withExamples } from '../../common-options.ts'
import { alertDuration } from '../alert-duration.ts'
import { alertTopicHelp, alertTopicOf, groupsTopicHelp, groupsTopicOf, noSuchTopic } from '../alert-topics.ts'
import { tryFiringGroups } from '../firing-groups.ts'
import { writeSilence } from '../silence-topic.ts'

interface SilenceOptions extends CommonOptions {
  readonly match: Match
  readonly for?: number
  readonly until?: number
  readonly author?: string
  readonly reason: string
  readonly silencesTopic?: string
  readonly application?: string
  readonly groupsTopic?: string
}

/** `millrace alerts silence`: nobody is notified of some alerts for a while. */
export function addAlertsSilence(alerts: Command, cli: Cli): void {
  const command = withCommonOptions(
    alerts
      .command('silence')
      .description(
        'Silences alerts until a time. Names are rule, severity, alert, fields that rules group by, and labels; `*` is any text, and a value that begins with `!` must not fit.',
      )
      .requiredOption(
        '--match <name=value...>',
        'which alerts: all names have to fit, of several values of a name one',
        matchOf,
      )
      .option('--for <duration>', 'for so long from now on, such as 30m, 2h or 1d', alertDuration)
      .option('--until <time>', 'until this ISO 8601 time', isoTime)
      .requiredOption('--reason <text>', 'why, for those who wonder')
      .option('--author <name>', 'who asks for it; default: the user of the system')
      .option('--silences-topic <name>', alertTopicHelp('silences'))
      .option('--application <id>', groupsTopicHelp.application)
      .option('--groups-topic <name>', groupsTopicHelp.groupsTopic),
  )
  withExamples(
    command,
    'millrace alerts silence --match service=checkout severity=low --for 2h --reason "upgrade of the database"',
    'millrace alerts silence --match rule=anomaly-* --until 2026-12-01T06:00:00Z --reason "load test" --author ann',
  )
  cli.action<SilenceOptions>(command, async (options) => {
    const nowMs = systemClock.nowMs()
    const { match, reason, author = cli.host.user } = options
    const silence = newSilence({ match, author, reason, endMs: endMsOf(options, nowMs) }, nowMs)
    const topic = alertTopicOf(cli, 'silences', options.silencesTopic)
    const kafka = cli.kafka(options)
    const described = await kafka.admin().describeTopics([topic])
    if (described.length === 0) throw noSuchTopic(topic, '--silences-topic')
    await cli.audited(options, {
      command: 'alerts silence',
      plan: { topic, silence },
      apply: () => writeSilence(kafka, topic, silence.id, silence),
    })
    if (options.json === true) {
      cli.printJson(silence)
      return 0
    }
    cli.print(`silenced until ${new Date(silence.endMs).toISOString()}: ${silence.id}`)
    const matched = await firingAlertsOf(cli, kafka, groupsTopicOf(cli, options), silence)
    if (matched !== undefined) cli.print(matchedText(matched, silence))
    return 0
  })
}

/** How many lines say which alerts are meant. */
const alertsShown = 10

/** Keys of the alerts that fire now and are meant; undefined: nobody knows what fires. */
async function firingAlertsOf(
  cli: Cli,
  kafka: KafkaDriver,
  topic: string,
  silence: Silence,
): Promise<readonly string[] | undefined> {
  const { matches } = compileSilence(silence)
  const groups = await tryFiringGroups(cli, kafka, topic)
  const keys = groups?.flatMap(({ alerts }) =>
    Object.entries(alerts).flatMap(([key, { change, isActive }]) => (isActive && matches(change) ? [key] : [])),
  )
  return keys && [...new Set(keys)]
}

/** A typing error in a silence is seen when it is made, not when somebody is called at night. */
function matchedText(keys: readonly string[], { id }: Silence): string {
  if (keys.length === 0)
    return `it holds no alert that fires now: if it should, end it with millrace alerts unsilence ${id}, and correct --match`
  const left = keys.length - alertsShown
  const lines = [...keys.slice(0, alertsShown), ...(left > 0 ? [`and ${counted(left, 'more alert')}`] : [])]
  return lines.map((line) => `  ${line}`).join('\n')
}

/** Several values of a name are a list, of which one has to fit. */
function matchOf(text: string, earlier: Match = {}): Match {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (name === undefined || value === undefined) throw new InvalidArgumentError('It must be name=value.')
  const before = earlier[name]
  return { ...earlier, [name]: before === undefined ? value : [before, value].flat() }
}

function endMsOf({ for: forMs, until }: SilenceOptions, nowMs: number): number {
  if ((forMs === undefined) !== (until === undefined)) return until ?? nowMs + (forMs ?? 0)
  throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', 'a silence needs one end: give --for or --until')
}
