import { type Command, InvalidArgumentError, Option } from 'commander'
import { systemClock } from '../../../core/clock.ts'
import { MillraceError } from '../../../core/errors.ts'
import { anyKey, type PointTable, pointTable } from '../../../detection/index.ts'
import { alertDuration } from '../../alerts/alert-duration.ts'
import { fileHistory } from '../../alerts/replay/file-history.ts'
import { topicHistory } from '../../alerts/replay/topic-history.ts'
import type { Cli, CommonOptions } from '../../cli.ts'
import { moment } from '../../moment.ts'
import { filePoints } from './file-points.ts'
import { logFeatures, logPoints, logReading } from './log-points.ts'
import { PointCollector, type PointRange } from './point-collector.ts'
import { topicPoints } from './topic-points.ts'

/** Where the points are. */
export interface PointOptions extends CommonOptions {
  readonly input?: string
  readonly topic?: string
  readonly from?: number
  readonly to?: number
  readonly features?: readonly string[]
  readonly logs?: boolean
  readonly window: number
  readonly pipeline?: string
}

/** Adds the options that name points. */
export function withPointOptions(command: Command): Command {
  return command
    .option('--input <file>', 'a file of points: CSV with a line of names first, or one JSON object a line')
    .addOption(
      new Option('--topic <name>', 'a topic of JSON objects with numbers, such as fastmcp-error-rates').conflicts(
        'input',
      ),
    )
    .option(
      '--from <time>',
      'from this ISO 8601 time, or so long ago; default: all of a file, the last 7 days of a topic',
      moment,
    )
    .option('--to <time>', 'before this time; default: the end', moment)
    .option('--features <names>', 'the numbers, separated by commas; default: all of the first point', namesOf)
    .option('--logs', 'the file or topic holds logs: their features are counted in windows')
    .addOption(
      new Option('--window <duration>', 'the length of these windows').argParser(alertDuration).default(60_000, '1m'),
    )
    .option('--pipeline <file>', 'what makes logs of the records; default: what reads any log')
}

function namesOf(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.every((name) => name !== '') && new Set(names).size === names.length) return names
  throw new InvalidArgumentError('It must be names separated by commas, each of them once.')
}

const weekMs = 7 * 86_400_000

/** The points that options name, of one key. Rejects with POINTS_UNREADABLE with everything that is wrong with them. */
export async function readPoints(
  cli: Cli,
  options: PointOptions,
  modelKey: string,
  features = options.features,
): Promise<PointTable> {
  const { input, topic } = options
  const source = input ?? topic
  if (source === undefined)
    throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', 'no points are named: give --input FILE or --topic NAME')
  const range = rangeOf(options, features)
  const collector = new PointCollector(range)
  const key = modelKey === anyKey ? undefined : modelKey
  if (options.logs === true) {
    const reading = await logReading(cli, options.pipeline)
    const logs =
      input === undefined
        ? topicHistory(cli.kafka(options), [source], range, reading)
        : fileHistory(cli, input, range, reading, { withoutTime: 0 })
    await logPoints(logs, { service: key, windowMs: options.window }, collector)
  } else if (input === undefined) await topicPoints(cli.kafka(options), source, key, range, collector)
  else await filePoints(cli, input, key, collector)
  const found = collector.finish(source)
  return pointTable(found.features, found.points)
}

function rangeOf({ from, to, input, logs }: PointOptions, features: readonly string[] | undefined): PointRange {
  const nowMs = systemClock.nowMs()
  const range = {
    features: logs === true ? logFeatures(features) : features,
    fromMs: from ?? (input === undefined ? nowMs - weekMs : Number.NEGATIVE_INFINITY),
    toMs: to ?? (input === undefined ? nowMs : Number.POSITIVE_INFINITY),
  }
  if (range.fromMs < range.toMs) return range
  const text = '--from is not before --to: give an earlier --from or a later --to'
  throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', text)
}
