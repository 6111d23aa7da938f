import type { Cli } from '../cli.ts'

const usual = 'fastmcp-alert-changes'

/** The help of the option that names the topic. */
export const changesTopicHelp = `topic of the changes of alerts (ALERT_CHANGES_TOPIC; default: ${usual})`

/** The name of the topic for this run. */
export function changesTopicOf(cli: Cli, option: string | undefined): string {
  return option ?? cli.host.environment.ALERT_CHANGES_TOPIC ?? usual
}
