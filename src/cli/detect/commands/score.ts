import type { Command } from 'commander'
import {
  type PointCause,
  type PointTable,
  type PointVerdict,
  pointJudge,
  type TrainedModel,
} from '../../../detection/index.ts'
import type { Cli } from '../../cli.ts'
import { wholeNumber, withExamples } from '../../common-options.ts'
import { textTable } from '../../text-table.ts'
import { timeText } from '../../time-text.ts'
import { chosenModel, type ModelChoice } from '../model-choice.ts'
import { type PointOptions, readPoints, withPointOptions } from '../points/point-options.ts'
import { withModelOptions } from './models.ts'

/** A point, and what the model says of it. */
export interface JudgedPoint {
  readonly timeMs: number
  readonly values: readonly number[]
  readonly verdict: PointVerdict
}

/** Options of commands that judge points. */
export interface JudgeOptions extends PointOptions, Omit<ModelChoice, 'model'> {
  readonly patience?: number
}

interface ScoreOptions extends JudgeOptions {
  readonly all?: boolean
  readonly limit: number
}

/** Adds the options that name a model and points. */
export function withJudgeOptions(command: Command): Command {
  return withModelOptions(
    withPointOptions(
      command
        .option('--model-version <number>', 'in place of the version that is used now', wholeNumber(1))
        .option('--key <key>', 'of which records the points are; default: the key of the model')
        .option(
          '--patience <vectors>',
          'of so many vectors in a row, more than half have to be unusual; default: 5',
          wholeNumber(1),
        ),
    ),
  )
}

/** `millrace detect score MODEL`. */
export function addDetectScore(detect: Command, cli: Cli): void {
  const command = withJudgeOptions(
    detect
      .command('score <model>')
      .description(
        'Judges the points of a file or topic by a model: NAME/KEY of the topic, or a file that ends in .json.',
      )
      .option('--all', 'print every point, not only those that would be reported')
      .option('--limit <points>', 'print at most so many points, the last ones', wholeNumber(1), 100),
  )
  withExamples(
    command,
    'millrace detect score rates/shop --topic fastmcp-error-rates --from -1d',
    'millrace detect score disk.json --input disk.csv --all --json',
  )
  cli.action<ScoreOptions>(command, async (options, name = '') => {
    const { model, key } = await chosenModel(cli, { ...options, model: name })
    const table = await readPoints(cli, options, key, model.features)
    const judged = [...judgedPoints(model, table, options.patience)]
    const alerts = judged.filter(({ verdict }) => verdict.isAlert)
    const shown = (options.all === true ? judged : alerts).slice(-options.limit)
    if (options.json === true) cli.printJson({ ...summaryOf(judged), points: shown.map(pointOf) })
    else if (shown.length > 0) cli.print(scoresText(shown, model))
    const { scored, reported, highest } = summaryOf(judged)
    cli.warn(
      `${judged.length} points, ${scored} scored, ${reported} would be reported, the highest score is ${highest}`,
    )
    if (scored === 0) cli.warn(judged.at(-1)?.verdict.reason || 'no point was scored: give more points')
    else if (reported === 0 && highest > 0 && options.patience !== 1 && !['series', 'crossing'].includes(model.kind))
      cli.warn('single points can be unusual: --all shows them, and --patience 1 reports each of them')
    return 0
  })
}

/** The points of a table, each with what the model says of it. */
export function* judgedPoints(
  model: TrainedModel,
  table: PointTable,
  patience: number | undefined,
): Generator<JudgedPoint> {
  const { times, rows, features } = table
  const options = patience === undefined ? {} : { patienceVectors: patience }
  const judge = pointJudge(model, times[0] ?? 0, options)
  for (const [index, timeMs] of times.entries()) {
    const values = [...rows.subarray(index * features.length, (index + 1) * features.length)]
    yield { timeMs, values, verdict: judge.judge(timeMs, values) }
  }
}

function summaryOf(
  judged: readonly JudgedPoint[],
): Readonly<Record<'judged' | 'scored' | 'reported' | 'highest', number>> {
  const scored = judged.filter(({ verdict }) => verdict.status === 'scored')
  const highest = scored.reduce((most, { verdict }) => Math.max(most, verdict.score), 0)
  return {
    judged: judged.length,
    scored: scored.length,
    reported: judged.filter(({ verdict }) => verdict.isAlert).length,
    highest: Number(highest.toPrecision(4)),
  }
}

function scoresText(points: readonly JudgedPoint[], { features }: TrainedModel): string {
  return textTable(
    ['time', 'score', '', ...features, 'reason'],
    points.map(({ timeMs, values, verdict }) => [
      timeText(timeMs),
      Number(verdict.score.toPrecision(3)),
      verdict.isAlert ? 'alert' : verdict.status === 'scored' ? '' : verdict.status,
      ...values.map((value) => Number(value.toPrecision(5))),
      verdict.reason,
    ]),
  )
}

/** A judged point as JSON. */
export function pointOf({ timeMs, values, verdict }: JudgedPoint): unknown {
  return { timeMs, time: timeText(timeMs), values, ...verdict }
}

/** A cause in words, such as `errors 31, usually 2 (74 %)`. */
export function causeText({ feature, observed, baseline, by }: PointCause, kind: TrainedModel['kind']): string {
  const usual = baseline.map((value) => Number(value.toPrecision(4))).join(' to ')
  const part = kind === 'series' ? `${Number(by.toPrecision(2))} ranges outside` : `${Math.round(100 * by)} %`
  return `${feature} ${Number(observed.toPrecision(4))}, usually ${usual} (${part})`
}
