import { type Command, Option } from 'commander'
import { compileSilence, type RulePlan } from '../../../alerts/index.ts'
import { systemClock } from '../../../core/clock.ts'
import { counted } from '../../../core/counted.ts'
import { MillraceError } from '../../../core/errors.ts'
import { pipeline } from '../../../pipelines/index.ts'
import type { Cli, CommonOptions } from '../../cli.ts'
import { withCommonOptions, withExamples } from '../../common-options.ts'
import { moment } from '../../moment.ts'
import { readPipeline } from '../../pipeline/pipeline-file.ts'
import { timeText } from '../../time-text.ts'
import { redactionKey } from '../../pipeline/redaction-key.ts'
import { readNotices, readRules } from '../alert-file.ts'
import { alertTopicHelp, alertTopicOf } from '../alert-topics.ts'
import { fileHistory } from '../replay/file-history.ts'
import { firingDifferences } from '../replay/firing-differences.ts'
import type { HistoryLog } from '../replay/history-log.ts'
import { HistoryPlay, type PlayedRules, type RulesToPlay } from '../replay/history-play.ts'
import { LogReading } from '../replay/log-reading.ts'
import { NoticeCounts } from '../replay/notice-counts.ts'
import { NoticePlay } from '../replay/notice-play.ts'
import { differenceText, firingText, receiversText, totalText } from '../replay/replay-text.ts'
import { topicHistory } from '../replay/topic-history.ts'
import { readSilences } from '../silence-topic.ts'

/** How often standard error says how far it is. */
const progressMs = 5000

interface ReplayOptions extends CommonOptions {
  readonly rule: string
  readonly from?: number
  readonly to?: number
  readonly topic?: readonly string[]
  readonly input?: string
  readonly pipeline?: string
  readonly compare?: string
  readonly notices?: string
  readonly silences?: boolean
  readonly silencesTopic?: string
}

/** `millrace alerts replay`: what rules would have fired. */
export function addAlertsReplay(alerts: Command, cli: Cli): void {
  const command = withCommonOptions(
    alerts
      .command('replay')
      .description(
        'Runs rules over history, and prints what would have fired, for how long, who would have been notified, and what was suppressed. Sends nothing and commits nothing.',
      )
      .requiredOption('--rule <file>', 'the rules')
      .option('--from <time>', 'from this ISO 8601 time, or so long ago, as in -7d', moment)
      .option('--to <time>', 'before this time; default: now, and of a file its end', moment)
      .addOption(new Option('--topic <name...>', 'topics of logs, read outside of any group').conflicts('input'))
      .option('--input <file>', 'a file of logs, one a line, as they came or as millrace tap --json prints them')
      .option('--pipeline <file>', 'what makes logs of the records; default: what reads any log')
      .addOption(
        new Option(
          '--compare <file>',
          'the rules before: print only what differs from them. Exit code 1: there are differences',
        ).conflicts(['notices', 'silences']),
      )
      .option('--notices <file>', 'who is notified')
      .option('--silences', 'silence what the topic of the silences holds')
      .option('--silences-topic <name>', alertTopicHelp('silences')),
  )
  withExamples(
    command,
    'millrace alerts replay --rule errors.yaml --from -7d --topic fastmcp-application-logs --notices notices.yaml',
    'millrace alerts replay --rule errors.yaml --compare errors-before.yaml --input shop.log',
  )
  cli.action<ReplayOptions>(command, async (options) => {
    const plans = await readRules(cli, options.rule)
    const before = options.compare === undefined ? undefined : await readRules(cli, options.compare)
    const toMs = options.to ?? systemClock.nowMs()
    return before === undefined
      ? await replay(cli, options, plans, toMs)
      : await compare(cli, options, { before, now: plans }, toMs)
  })
}

async function replay(cli: Cli, options: ReplayOptions, plans: readonly RulePlan[], toMs: number): Promise<0> {
  const counts = new NoticeCounts()
  const notices = await noticePlay(cli, options, counts, () => played.firings)
  const history = new HistoryPlay([
    { plans, ...(notices !== undefined && { hear: (change, timeMs) => notices.receive(change, timeMs) }) },
  ])
  const [played] = history.played as readonly [PlayedRules]
  await readAll(cli, options, history, toMs)
  if (history.lastMs !== null) notices?.advance(history.lastMs)
  const { list, countsByRule } = played.firings
  if (notices !== undefined && notices.leftOutCount > 0)
    cli.warn(`${counted(notices.leftOutCount, 'change')} left out: a group has at most 1,000 alerts`)
  warnOfUnlisted(cli, history)
  if (options.json === true) {
    cli.printJson({ ...summaryOf(history), firings: list, ...(notices !== undefined && { notices: counts.receivers }) })
    return 0
  }
  for (const firing of list) cli.print(firingText(firing))
  if (notices !== undefined && counts.receivers.length > 0) cli.print(`\n${receiversText(counts.receivers)}`)
  cli.print(totalText(list, countsByRule))
  return 0
}

async function noticePlay(
  cli: Cli,
  options: ReplayOptions,
  counts: NoticeCounts,
  firings: () => PlayedRules['firings'],
): Promise<NoticePlay | undefined> {
  if (options.notices === undefined) return undefined
  const plan = await readNotices(cli, options.notices)
  const silencesTopic = alertTopicOf(cli, 'silences', options.silencesTopic)
  const silences = options.silences === true ? await readSilences(cli, cli.kafka(options), silencesTopic) : []
  return new NoticePlay(plan, silences.map(compileSilence), {
    sent(notice) {
      counts.sent(notice)
      firings().noteNotice(notice)
    },
    held: (notice) => counts.held(notice),
    suppressed: (episode, suppression) => firings().noteSuppression(episode, suppression),
  })
}

interface Versions {
  readonly before: readonly RulePlan[]
  readonly now: readonly RulePlan[]
}

async function compare(cli: Cli, options: ReplayOptions, { before, now }: Versions, toMs: number): Promise<0 | 1> {
  const sets: readonly RulesToPlay[] = [{ plans: before }, { plans: now }]
  const history = new HistoryPlay(sets)
  await readAll(cli, options, history, toMs)
  warnOfUnlisted(cli, history)
  const [listBefore = [], listNow = []] = history.played.map(({ firings }) => firings.list)
  const differences = firingDifferences(listBefore, listNow)
  if (options.json === true) cli.printJson({ ...summaryOf(history), differences })
  else if (differences.length === 0) cli.print('the same alerts would have fired')
  else for (const difference of differences) cli.print(differenceText(difference))
  cli.warn(`${counted(listBefore.length, 'alert')} before, ${listNow.length} now`)
  return differences.length > 0 ? 1 : 0
}

/** Plays all logs, and says on standard error how far it is. */
async function readAll(cli: Cli, options: ReplayOptions, history: HistoryPlay, toMs: number): Promise<void> {
  const given =
    options.pipeline === undefined ? pipeline({ name: 'default' }) : await readPipeline(cli, options.pipeline)
  const reading = new LogReading(given, redactionKey(cli))
  const counts = { withoutTime: 0 }
  let isStopped = false
  void cli.host.stop.then(() => (isStopped = true))
  let shownMs = systemClock.monotonicMs()
  for await (const log of logsOf(cli, options, reading, counts, toMs)) {
    if (isStopped) break
    history.add(log)
    if (systemClock.monotonicMs() - shownMs < progressMs) continue
    shownMs = systemClock.monotonicMs()
    cli.warn(`${counted(history.logCount, 'log')}, up to ${timeOrNone(log.timeMs)}`)
  }
  const isWhole = !isStopped && options.topic !== undefined
  history.end(isWhole ? toMs : Number.NEGATIVE_INFINITY)
  if (isStopped) cli.warn('stopped: the rest of the history was not read')
  if (history.logCount === 0) cli.warn('no log was found: check --from, --to and what holds the logs')
  else
    cli.warn(`${counted(history.logCount, 'log')} from ${timeOrNone(history.firstMs)} to ${timeOrNone(history.lastMs)}`)
  const left = [
    [reading.unreadableCount, 'record', 'the value is no text'],
    [counts.withoutTime, 'log', 'the file names no time up to there'],
    [history.leftOutCount, 'log', 'of more groups than are watched together'],
  ] as const
  for (const [count, noun, why] of left) if (count > 0) cli.warn(`${counted(count, noun)} left out: ${why}`)
  if (history.lateCount > 0) cli.warn(`${counted(history.lateCount, 'log')} came later than the grace of the rules`)
}

function logsOf(
  cli: Cli,
  { topic, input, from, ...options }: ReplayOptions,
  reading: LogReading,
  counts: { withoutTime: number },
  toMs: number,
): AsyncGenerator<HistoryLog> {
  const endMs = options.to ?? (input === undefined ? toMs : Number.POSITIVE_INFINITY)
  if (from !== undefined && from >= endMs)
    throw refused(`--from is ${timeOrNone(from)}, which is not before --to: give an earlier time`)
  if (input !== undefined) {
    const range = { fromMs: from ?? Number.NEGATIVE_INFINITY, toMs: endMs }
    return fileHistory(cli, input, range, reading, counts)
  }
  if (topic === undefined) throw refused('the history is not named: give --topic or --input')
  if (from === undefined) throw refused('the beginning of the history is not named: give --from, such as --from -7d')
  return topicHistory(cli.kafka(options), topic, { fromMs: from, toMs }, reading)
}

function refused(text: string): MillraceError {
  return new MillraceError('ILLEGAL_ARGUMENT', 'fatal', text)
}

function warnOfUnlisted(cli: Cli, { played }: HistoryPlay): void {
  const count = played.reduce((sum, { firings }) => sum + firings.leftOutCount, 0)
  if (count > 0) cli.warn(`${counted(count, 'alert')} counted and not listed: give a shorter time or fewer rules`)
}

function summaryOf({ logCount, firstMs, lastMs, lateCount }: HistoryPlay): Readonly<Record<string, number | null>> {
  return { logs: logCount, firstMs, lastMs, late: lateCount }
}

function timeOrNone(timeMs: number | null): string {
  return timeMs === null ? 'no time' : timeText(timeMs)
}
