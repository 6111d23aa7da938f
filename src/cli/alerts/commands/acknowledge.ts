import type { Command } from 'commander'
import { type Acknowledgement, type GroupState, newAcknowledgement } from '../../../alerts/index.ts'
import { systemClock } from '../../../core/clock.ts'
import { openTopicWriter } from '../../../runtime/task/topic-writer.ts'
import { json } from '../../../serde/json.ts'
import { string } from '../../../serde/primitives.ts'
import type { Cli, CommonOptions } from '../../cli.ts'
import { withCommonOptions, withExamples } from '../../common-options.ts'
import { alertTopicHelp, alertTopicOf, groupsTopicHelp, groupsTopicOf, noSuchTopic } from '../alert-topics.ts'
import { tryFiringGroups } from '../firing-groups.ts'

const timeoutMs = 30_000

interface AcknowledgeOptions extends CommonOptions {
  readonly author?: string
  readonly acknowledgementsTopic?: string
  readonly application?: string
  readonly groupsTopic?: string
}

/** `millrace alerts acknowledge DEDUP_KEY`: somebody takes care of a group of alerts. */
export function addAlertsAcknowledge(alerts: Command, cli: Cli): void {
  const command = withCommonOptions(
    alerts
      .command('acknowledge <dedup-key>')
      .description(
        'Says that somebody takes care of a group of alerts: no reminders and no escalation until all of it is over. Each notice has the key, and millrace alerts describe shows it.',
      )
      .option('--author <name>', 'who takes care; default: the user of the system')
      .option('--acknowledgements-topic <name>', alertTopicHelp('acknowledgements'))
      .option('--application <id>', groupsTopicHelp.application)
      .option('--groups-topic <name>', groupsTopicHelp.groupsTopic),
  )
  withExamples(command, 'millrace alerts acknowledge payments/error-share@1795962894858 --author ann')
  cli.action<AcknowledgeOptions>(command, async (options, dedupKey = '') => {
    const author = options.author ?? cli.host.user
    const acknowledgement = newAcknowledgement(dedupKey, author, systemClock.nowMs())
    const topic = alertTopicOf(cli, 'acknowledgements', options.acknowledgementsTopic)
    const kafka = cli.kafka(options)
    if ((await kafka.admin().describeTopics([topic])).length === 0) throw noSuchTopic(topic, '--acknowledgements-topic')
    await cli.audited(options, {
      command: `alerts acknowledge ${dedupKey}`,
      plan: { topic, acknowledgement },
      async apply() {
        const serdes = { key: string(), value: json<Acknowledgement>() }
        const writer = await openTopicWriter(kafka, topic, { ...serdes, timeoutMs })
        try {
          await writer.write(dedupKey, acknowledgement)
        } finally {
          await writer.close()
        }
      },
    })
    const isOfKey = (key: string) => dedupKey.startsWith(`${key}@`)
    warnOfKey(cli, acknowledgement, await tryFiringGroups(cli, kafka, groupsTopicOf(cli, options), isOfKey))
    if (options.json === true) cli.printJson(acknowledgement)
    else cli.print(`${author} takes care of ${dedupKey}`)
    return 0
  })
}

/** The worker ignores an acknowledgement of what is over or never was. `known`: undefined where nobody knows what fires. */
function warnOfKey(cli: Cli, { dedupKey, author }: Acknowledgement, known: readonly GroupState[] | undefined): void {
  if (known === undefined) return
  const episode = known.find((state) => state.episode?.dedupKey === dedupKey)?.episode
  if (episode == null) {
    cli.warn(`nothing fires under the key ${dedupKey}: millrace alerts describe shows the keys`)
  } else if (episode.acknowledgement !== null && episode.acknowledgement.author !== author) {
    cli.warn(`${episode.acknowledgement.author} took care of it before: the first one stays`)
  }
}
