import type { Command } from 'commander'
import type { Acknowledgement, AlertRequest, GroupState } from '../../alerts/index.ts'
import { openTopicWriter } from '../../runtime/task/topic-writer.ts'
import { json } from '../../serde/json.ts'
import { string } from '../../serde/primitives.ts'
import type { Cli, CommonOptions } from '../cli.ts'
import { withCommonOptions } from '../common-options.ts'
import { alertTopicHelp, alertTopicOf, groupsTopicHelp, groupsTopicOf, noSuchTopic } from './alert-topics.ts'
import { tryFiringGroups } from './firing-groups.ts'

const timeoutMs = 30_000

/** Options of a command that says something about a group of alerts that fires. */
export interface EpisodeOptions extends CommonOptions {
  readonly author?: string
  readonly acknowledgementsTopic?: string
  readonly application?: string
  readonly groupsTopic?: string
}

/** `does`: what the author does, for the help. */
export function withEpisodeOptions(command: Command, does: string): Command {
  return withCommonOptions(
    command
      .option('--author <name>', `who ${does}; default: the user of the system`)
      .option('--acknowledgements-topic <name>', alertTopicHelp('acknowledgements'))
      .option('--application <id>', groupsTopicHelp.application)
      .option('--groups-topic <name>', groupsTopicHelp.groupsTopic),
  )
}

/** A record for the topic of acknowledgements, and the command that writes it. */
interface EpisodeChange {
  /** As the audit topic has it. */
  readonly command: string
  /** The record under the name that it has in the audit topic. */
  readonly plan: { readonly acknowledgement: Acknowledgement } | { readonly request: AlertRequest }
  readonly record: Acknowledgement | AlertRequest
}

/** Writes the record under its key. Rejects with UNKNOWN_TOPIC, and as `audited` does. */
export async function writeEpisodeRecord(
  cli: Cli,
  options: EpisodeOptions,
  { command, plan, record }: EpisodeChange,
): Promise<void> {
  const topic = alertTopicOf(cli, 'acknowledgements', options.acknowledgementsTopic)
  const kafka = cli.kafka(options)
  if ((await kafka.admin().describeTopics([topic])).length === 0) throw noSuchTopic(topic, '--acknowledgements-topic')
  await cli.audited(options, {
    command,
    plan: { topic, ...plan },
    async apply() {
      const serdes = { key: string(), value: json<Acknowledgement | AlertRequest>() }
      const writer = await openTopicWriter(kafka, topic, { ...serdes, timeoutMs })
      try {
        await writer.write(record.dedupKey, record)
      } finally {
        await writer.close()
      }
    },
  })
}

/**
 * What fires under the key, for advice: the worker ignores a record of what is over or never was. Undefined: nothing does, of
 * which it warns, or nobody knows.
 */
export async function tryEpisode(
  cli: Cli,
  options: EpisodeOptions,
  dedupKey: string,
): Promise<NonNullable<GroupState['episode']> | undefined> {
  const isOfKey = (key: string) => dedupKey.startsWith(`${key}@`)
  const known = await tryFiringGroups(cli, cli.kafka(options), groupsTopicOf(cli, options), isOfKey)
  const episode = known?.find((state) => state.episode?.dedupKey === dedupKey)?.episode ?? undefined
  if (known !== undefined && episode === undefined)
    cli.warn(`nothing fires under the key ${dedupKey}: millrace alerts describe shows the keys`)
  return episode
}
