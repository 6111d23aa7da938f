import { MillraceError } from '../../core/errors.ts'
import type { Cli } from '../cli.ts'

/** A topic of the worker that owns the alerts, and what names another one. */
interface AlertTopic {
  readonly variable: string
  /** The name in the fleet. */
  readonly usual: string
}

/** Topics that commands read or write: an option wins over a variable, and a variable over the usual name. */
const alertTopics = Object.freeze({
  silences: { variable: 'ALERT_SILENCES_TOPIC', usual: 'fastmcp-alert-silences' },
  acknowledgements: { variable: 'ALERT_ACKNOWLEDGEMENTS_TOPIC', usual: 'fastmcp-alert-acknowledgements' },
  sources: { variable: 'ALERT_SOURCES_TOPIC', usual: 'fastmcp-alert-sources' },
} satisfies Record<string, AlertTopic>)

/** One of the topics of alerts. */
export type AlertTopicName = keyof typeof alertTopics

/** The name of a topic for this run. */
export function alertTopicOf(cli: Cli, name: AlertTopicName, option: string | undefined): string {
  const { variable, usual } = alertTopics[name]
  return option ?? cli.host.environment[variable] ?? usual
}

/** The help of an option that names the topic. */
export function alertTopicHelp(name: AlertTopicName): string {
  const { variable, usual } = alertTopics[name]
  return `topic of the ${name} (${variable}; default: ${usual})`
}

const usualApplication = 'fastmcp-log-consumers-alerts'
/** Name of the store in which the worker keeps its groups. */
const groupsStore = 'alert-groups'

/** The changelog of the groups of alerts: as an option names it, or that of the application. */
export function groupsTopicOf(
  cli: Cli,
  { groupsTopic, application }: { readonly groupsTopic?: string; readonly application?: string },
): string {
  const { environment } = cli.host
  const id = application ?? environment.ALERTS_APPLICATION_ID ?? usualApplication
  return groupsTopic ?? environment.ALERT_GROUPS_TOPIC ?? `${id}-${groupsStore}-changelog`
}

/** The help of the options that name the changelog. */
export const groupsTopicHelp = Object.freeze({
  application: `the application of the alerts (ALERTS_APPLICATION_ID; default: ${usualApplication})`,
  groupsTopic: `changelog of its groups (ALERT_GROUPS_TOPIC; default: <application>-${groupsStore}-changelog)`,
})

export function noSuchTopic(topic: string, option: string): MillraceError {
  const text = `topic ${topic} does not exist: start the worker of the alerts, or name its topic with ${option}`
  return new MillraceError('UNKNOWN_TOPIC', 'fatal', text)
}
