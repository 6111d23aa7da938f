import type { Command } from 'commander'
import type { AlertChange } from '../../../alerts/index.ts'
import { MillraceError } from '../../../core/errors.ts'
import type { TrainedModel } from '../../../detection/index.ts'
import { readTable } from '../../alerts/table-topic.ts'
import type { Cli } from '../../cli.ts'
import { isoTime, withExamples } from '../../common-options.ts'
import { timeText } from '../../time-text.ts'
import { changesTopicHelp, changesTopicOf } from '../changes-topic.ts'
import { chosenModel } from '../model-choice.ts'
import { readPoints } from '../points/point-options.ts'
import { causeText, type JudgedPoint, type JudgeOptions, judgedPoints, pointOf, withJudgeOptions } from './score.ts'

interface ExplainOptions extends JudgeOptions {
  readonly model?: string
  readonly at?: number
  readonly changesTopic?: string
}

/** `millrace detect explain`: one alert, or one point. */
export function addDetectExplain(detect: Command, cli: Cli): void {
  const command = withJudgeOptions(
    detect
      .command('explain [alert]')
      .description(
        'Says in words why an alert fired, or why a model finds a point unusual: which number, by how much, what is usual, and example lines.',
      )
      .option('--model <model>', 'the model of a point: NAME/KEY, or a file that ends in .json')
      .option('--at <time>', 'the ISO 8601 time of the point; default: the one with the highest score', isoTime)
      .option('--changes-topic <name>', changesTopicHelp),
  )
  withExamples(
    command,
    `millrace detect explain 'anomaly-latency{service="shop"}'`,
    'millrace detect explain --model rates/shop --topic fastmcp-error-rates --from -1d --at 2026-12-01T12:05:00Z',
  )
  cli.action<ExplainOptions>(command, async (options, alert) => {
    if ((alert === undefined) === (options.model === undefined))
      throw refused('nothing is named, or two things: give the key of an alert, or --model and --input or --topic')
    return alert === undefined ? await explainPoint(cli, options) : await explainAlert(cli, options, alert)
  })
}

async function explainPoint(cli: Cli, options: ExplainOptions): Promise<0> {
  const { model, key } = await chosenModel(cli, { ...options, model: options.model ?? '' })
  const table = await readPoints(cli, options, key, model.features)
  const judged = [...judgedPoints(model, table, options.patience)]
  const point = options.at === undefined ? highest(judged) : judged.find(({ timeMs }) => timeMs === options.at)
  if (point === undefined) throw refused(noPoint(options.at, judged))
  if (options.json === true) cli.printJson(pointOf(point))
  else cli.print(pointText(point, model))
  return 0
}

function highest(judged: readonly JudgedPoint[]): JudgedPoint | undefined {
  return judged.reduce<JudgedPoint | undefined>(
    (most, one) => (most !== undefined && most.verdict.score >= one.verdict.score ? most : one),
    undefined,
  )
}

function noPoint(atMs: number | undefined, judged: readonly JudgedPoint[]): string {
  const wanted = atMs ?? 0
  const nearest = [...judged].sort((left, right) => Math.abs(left.timeMs - wanted) - Math.abs(right.timeMs - wanted))[0]
  const fix = nearest === undefined ? 'give --from and --to' : `the nearest is at ${timeText(nearest.timeMs)}`
  return `there is no point at ${timeText(wanted)}: ${fix}`
}

function pointText({ timeMs, values, verdict }: JudgedPoint, model: TrainedModel): string {
  const { status, score, isAlert, causes, reason } = verdict
  const shown = model.features.map((name, index) => `${name} ${Number((values[index] as number).toPrecision(5))}`)
  const judgement =
    status !== 'scored' ? status : isAlert ? 'would be reported' : score > 0 ? 'unusual, not reported' : 'usual'
  return [
    `${timeText(timeMs)}: ${judgement}, score ${Number(score.toPrecision(3))}`,
    `  values: ${shown.join(', ')}`,
    ...causes.map((cause) => `  because: ${causeText(cause, model.kind)}`),
    ...(causes.length === 0 && reason !== '' ? [`  ${reason}`] : []),
    `  by ${model.kind}, ${model.rows} rows from ${timeText(model.fromMs)} to ${timeText(model.untilMs)}`,
  ].join('\n')
}

async function explainAlert(cli: Cli, options: ExplainOptions, key: string): Promise<0> {
  const topic = changesTopicOf(cli, options.changesTopic)
  const rows = await readTable<unknown>(cli, cli.kafka(options), topic, (one) => one === key)
  if (rows === undefined) {
    const text = `topic ${topic} does not exist: start the worker of the alerts, or name its topic with --changes-topic`
    throw new MillraceError('UNKNOWN_TOPIC', 'fatal', text)
  }
  const change = rows.get(key)
  if (change === undefined)
    throw refused(`topic ${topic} has no alert ${key}: copy its key from a notice or from millrace alerts describe`)
  if (!isChange(change)) {
    const text = `topic ${topic} has a record of ${key} that is no change of an alert: name the topic with --changes-topic`
    throw refused(text)
  }
  if (options.json === true) cli.printJson(change)
  else cli.print(alertText(change))
  return 0
}

/** Whether it has all that is shown: anybody may have written the record. */
function isChange(value: unknown): value is AlertChange {
  const change = (value ?? {}) as Partial<Readonly<Record<keyof AlertChange, unknown>>>
  const {
    key,
    status,
    severity,
    startMs,
    timeMs,
    summary,
    value: measured,
    threshold,
    baseline,
    examples,
    links,
  } = change
  return (
    [key, status, severity, summary].every((one) => typeof one === 'string') &&
    [startMs, timeMs, measured, threshold, baseline ?? 0].every((one) => typeof one === 'number') &&
    Array.isArray(examples) &&
    typeof links === 'object' &&
    links !== null
  )
}

function alertText(change: AlertChange): string {
  const { key, status, severity, startMs, timeMs, summary, value, threshold, baseline, examples, links } = change
  const number = (one: number): string => String(Number(one.toPrecision(4)))
  return [
    `${key}: ${status} at ${timeText(timeMs)}, since ${timeText(startMs)}, ${severity}`,
    `  ${summary}`,
    `  value ${number(value)}, limit ${number(threshold)}${baseline === null ? '' : `, usually ${number(baseline)}`}`,
    ...examples.map((line) => `  line: ${line}`),
    ...Object.entries(links).map(([name, link]) => `  ${name}: ${link}`),
  ].join('\n')
}

function refused(text: string): MillraceError {
  return new MillraceError('ILLEGAL_ARGUMENT', 'fatal', text)
}
