import type { Command } from 'commander'
import {
  compileSilence,
  describeGroup,
  type GroupDescription,
  type GroupState,
  type NoticePlan,
  notices,
  type SourceRow,
  type Suppressors,
} from '../../../alerts/index.ts'
import { systemClock } from '../../../core/clock.ts'
import { errorMessage } from '../../../core/errors.ts'
import type { Cli, CommonOptions } from '../../cli.ts'
import { withCommonOptions, withExamples } from '../../common-options.ts'
import { readNotices } from '../alert-file.ts'
import { alertTopicHelp, alertTopicOf, groupsTopicHelp, groupsTopicOf, noSuchTopic } from '../alert-topics.ts'
import { readFiringGroups } from '../firing-groups.ts'
import { groupText } from '../group-text.ts'
import { readSilences } from '../silence-topic.ts'
import { readTable } from '../table-topic.ts'

interface DescribeOptions extends CommonOptions {
  readonly notices?: string
  readonly application?: string
  readonly groupsTopic?: string
  readonly silencesTopic?: string
  readonly sourcesTopic?: string
}

/** `millrace alerts describe [GROUP]`: what fires, why it is not sent, and what is sent next. */
export function addAlertsDescribe(alerts: Command, cli: Cli): void {
  const command = withCommonOptions(
    alerts
      .command('describe [group]')
      .description(
        'Shows the groups of alerts that fire: why an alert is not sent, who takes care, and the next three notices of each receiver if nothing changes. Exit code 1: nothing fires.',
      )
      .option('--notices <file>', 'who is notified, as the worker has it (ALERTS_NOTICES_FILE)')
      .option('--application <id>', groupsTopicHelp.application)
      .option('--groups-topic <name>', groupsTopicHelp.groupsTopic)
      .option('--silences-topic <name>', alertTopicHelp('silences'))
      .option('--sources-topic <name>', alertTopicHelp('sources')),
  )
  withExamples(
    command,
    'millrace alerts describe --notices notices.yaml',
    'millrace alerts describe all/error-share --notices notices.yaml --json',
  )
  cli.action<DescribeOptions>(command, async (options, group) => {
    const file = options.notices ?? cli.host.environment.ALERTS_NOTICES_FILE
    const plan = file === undefined ? undefined : await readNotices(cli, file)
    const states = await statesOf(cli, options, group)
    if (plan === undefined) cli.warn('without --notices, inhibitions and the next notices are not known')
    else warnOfRoutes(cli, plan, states)
    const suppressors = await readSuppressors(cli, options)
    const nowMs = systemClock.nowMs()
    const shown = states.flatMap((state) => {
      const description = descriptionOf(cli, plan ?? unknownNotices, state, nowMs, suppressors)
      if (description === undefined) return []
      // What a group of a route that is not known will do is not known.
      const isKnown = plan?.routes.some(({ name }) => name === state.route) === true
      return [{ state, description: isKnown ? description : { ...description, upcoming: null } }]
    })
    if (options.json === true) cli.printJson(shown.map(({ description }) => description))
    else if (states.length === 0) cli.print('nothing fires')
    else for (const { state, description } of shown) cli.print(groupText(state, description))
    return states.length > 0 ? 0 : 1
  })
}

/** One group that cannot be read hides no other; undefined: it cannot. */
function descriptionOf(
  cli: Cli,
  plan: NoticePlan,
  state: GroupState,
  nowMs: number,
  suppressors: Suppressors,
): GroupDescription | undefined {
  try {
    return describeGroup(plan, state, nowMs, suppressors)
  } catch (error) {
    const fix = 'it fires, and a worker of another version has stored it'
    cli.warn(`group ${state.key} cannot be described (${errorMessage(error)}): ${fix}`)
    return undefined
  }
}

const unknownNotices = notices({ receivers: [{ name: 'log' }], routes: [{ name: 'all', receivers: ['log'] }] })

function warnOfRoutes(cli: Cli, { routes }: NoticePlan, states: readonly GroupState[]): void {
  const missing = new Set(
    states.map(({ route }) => route).filter((route) => routes.every(({ name }) => name !== route)),
  )
  for (const route of missing) cli.warn(`the notices have no route ${route}: name the file of the worker`)
}

/** Rejects with UNKNOWN_TOPIC. */
async function statesOf(cli: Cli, options: DescribeOptions, group: string | undefined): Promise<readonly GroupState[]> {
  const topic = groupsTopicOf(cli, options)
  const states = await readFiringGroups(cli, cli.kafka(options), topic, (key) => group === undefined || key === group)
  if (states === undefined) throw noSuchTopic(topic, '--application or --groups-topic')
  return states
}

async function readSuppressors(cli: Cli, options: DescribeOptions): Promise<Suppressors> {
  const kafka = cli.kafka(options)
  const silences = await readSilences(cli, kafka, alertTopicOf(cli, 'silences', options.silencesTopic))
  const sources = await readTable<SourceRow>(cli, kafka, alertTopicOf(cli, 'sources', options.sourcesTopic))
  return { silences: silences.map(compileSilence), sourcesOf: (row) => sources?.get(row) ?? [] }
}
