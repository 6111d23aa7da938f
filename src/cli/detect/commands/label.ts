import type { Command } from 'commander'
import type { AlertChange } from '../../../alerts/index.ts'
import { systemClock } from '../../../core/clock.ts'
import { MillraceError } from '../../../core/errors.ts'
import { type AlertLabels, readLabels, strictnessAt, withLabel } from '../../../detection/index.ts'
import type { KafkaDriver } from '../../../kafka/port.ts'
import { openTopicWriter } from '../../../runtime/task/topic-writer.ts'
import { json } from '../../../serde/json.ts'
import { string } from '../../../serde/primitives.ts'
import { readTable } from '../../alerts/table-topic.ts'
import type { Cli, CommonOptions } from '../../cli.ts'
import { withCommonOptions, withExamples } from '../../common-options.ts'
import { textTable } from '../../text-table.ts'
import { timeText } from '../../time-text.ts'
import { changesTopicHelp, changesTopicOf } from '../changes-topic.ts'

const timeoutMs = 30_000
const usual = 'fastmcp-detection-labels'
const variable = 'DETECTION_LABELS_TOPIC'
const labelsTopicHelp = `topic of the labels (${variable}; default: ${usual})`

interface LabelOptions extends CommonOptions {
  readonly author?: string
  readonly labelsTopic?: string
  readonly changesTopic?: string
}

/** `millrace detect label ALERT right|wrong`. */
export function addDetectLabel(detect: Command, cli: Cli): void {
  const command = withCommonOptions(
    detect
      .command('label <alert> <verdict>')
      .description(
        'Says that an alert of a detector was right or wrong. A wrong one makes the limit of its key higher, a right one lower, within bounds, and half of that is forgotten in 14 days.',
      )
      .option('--author <name>', 'who says it; default: the user of the system')
      .option('--labels-topic <name>', labelsTopicHelp)
      .option('--changes-topic <name>', changesTopicHelp),
  )
  withExamples(command, `millrace detect label 'anomaly-volume{service="shop"}' wrong`)
  cli.action<LabelOptions>(command, async (options, alert = '', verdict = '') => {
    if (verdict !== 'right' && verdict !== 'wrong') throw refused(`the verdict is '${verdict}': give right or wrong`)
    const topic = labelsTopicOf(cli, options.labelsTopic)
    const kafka = cli.kafka(options)
    const label = { timeMs: systemClock.nowMs(), isRight: verdict === 'right', by: options.author ?? cli.host.user }
    const before = readLabels((await readRows(cli, kafka, topic, (key) => key === alert)).get(alert))
    const labels = withLabel(alert, before, label)
    await cli.audited(options, {
      command: `detect label ${alert} ${verdict}`,
      plan: { topic, label },
      apply: () => writeLabels(kafka, topic, labels),
    })
    await warnOfUnknown(cli, kafka, changesTopicOf(cli, options.changesTopic), alert)
    if (options.json === true) cli.printJson(labels)
    else cli.print(`${alert}: ${verdict}. ${limitText(labels, label.timeMs)}`)
    return 0
  })
}

/** `millrace detect labels`. */
export function addDetectLabels(detect: Command, cli: Cli): void {
  const command = withCommonOptions(
    detect
      .command('labels')
      .description('Shows what people said of the alerts of detectors, and what their limits are now.')
      .option('--labels-topic <name>', labelsTopicHelp),
  )
  withExamples(command, 'millrace detect labels')
  cli.action<LabelOptions>(command, async (options) => {
    const rows = await readRows(cli, cli.kafka(options), labelsTopicOf(cli, options.labelsTopic))
    const all = [...rows.values()].map(readLabels).filter((one) => one !== undefined)
    if (options.json === true) cli.printJson(all)
    else cli.print(all.length === 0 ? 'nobody said anything of an alert' : labelsText(all))
    return 0
  })
}

function labelsText(all: readonly AlertLabels[]): string {
  const nowMs = systemClock.nowMs()
  return textTable(
    ['alert', 'right', 'wrong', 'limit', 'last', 'by'],
    all.map((one) => {
      const last = one.labels.at(-1)
      const rights = one.labels.filter(({ isRight }) => isRight).length
      const limit = Number(strictnessAt(one, nowMs).toPrecision(3))
      return [one.key, rights, one.labels.length - rights, limit, last && timeText(last.timeMs), last?.by]
    }),
  )
}

function limitText(labels: AlertLabels, timeMs: number): string {
  const times = Number(strictnessAt(labels, timeMs).toPrecision(3))
  return `From now on, a value of this key has to lie ${times} times as far outside as without labels`
}

async function readRows(
  cli: Cli,
  kafka: KafkaDriver,
  topic: string,
  isWanted?: (key: string) => boolean,
): Promise<ReadonlyMap<string, unknown>> {
  const rows = await readTable<unknown>(cli, kafka, topic, isWanted)
  if (rows !== undefined) return rows
  const text = `topic ${topic} does not exist: start the worker of the alerts, or name its topic with --labels-topic`
  throw new MillraceError('UNKNOWN_TOPIC', 'fatal', text)
}

/** A typing error in a key would move the limit of nothing. */
async function warnOfUnknown(cli: Cli, kafka: KafkaDriver, topic: string, alert: string): Promise<void> {
  const rows = await readTable<AlertChange>(cli, kafka, topic, (key) => key === alert)
  if (rows?.has(alert) === true) return
  cli.warn(`topic ${topic} has no alert ${alert}: copy its key from a notice or from millrace alerts describe`)
}

async function writeLabels(kafka: KafkaDriver, topic: string, labels: AlertLabels): Promise<void> {
  const writer = await openTopicWriter(kafka, topic, { key: string(), value: json<AlertLabels>(), timeoutMs })
  try {
    await writer.write(labels.key, labels)
  } finally {
    await writer.close()
  }
}

function labelsTopicOf(cli: Cli, option: string | undefined): string {
  return option ?? cli.host.environment[variable] ?? usual
}

function refused(text: string): MillraceError {
  return new MillraceError('ILLEGAL_ARGUMENT', 'fatal', text)
}
