import type { Command } from 'commander'
import { type AlertRequestKind, newAlertRequest } from '../../../alerts/index.ts'
import { systemClock } from '../../../core/clock.ts'
import { MillraceError } from '../../../core/errors.ts'
import type { Cli } from '../../cli.ts'
import { withExamples } from '../../common-options.ts'
import { readNotices } from '../alert-file.ts'
import { type EpisodeOptions, tryEpisode, withEpisodeOptions, writeEpisodeRecord } from '../episode-record.ts'

interface RequestOptions extends EpisodeOptions {
  readonly notices?: string
}

interface RequestTexts {
  readonly description: string
  /** What the author does, before the key. */
  readonly does: string
}

/** `millrace alerts escalate DEDUP_KEY`: somebody asks for help with a group of alerts. */
export function addAlertsEscalate(alerts: Command, cli: Cli): void {
  addRequest(alerts, cli, 'escalate', {
    description: 'Asks for help with a group of alerts',
    does: 'asks for help with',
  })
}

/** `millrace alerts incident DEDUP_KEY`: somebody asks for an incident. */
export function addAlertsIncident(alerts: Command, cli: Cli): void {
  addRequest(alerts, cli, 'incident', {
    description: 'Asks for an incident of a group of alerts',
    does: 'asks for an incident of',
  })
}

function addRequest(alerts: Command, cli: Cli, kind: AlertRequestKind, { description, does }: RequestTexts): void {
  const command = withEpisodeOptions(
    alerts
      .command(`${kind} <dedup-key>`)
      .description(
        `${description}: the receivers in requests.${kind} of the notices are notified at once, once until all of it is over. Each notice has the key, and millrace alerts describe shows it.`,
      )
      .option('--notices <file>', 'who is notified, as the worker has it (ALERTS_NOTICES_FILE)'),
    'asks',
  )
  withExamples(
    command,
    `millrace alerts ${kind} payments/error-share@1795962894858 --notices notices.yaml --author ann`,
  )
  cli.action<RequestOptions>(command, async (options, dedupKey = '') => {
    const author = options.author ?? cli.host.user
    const request = newAlertRequest(kind, dedupKey, author, systemClock.nowMs())
    await checkReceivers(cli, kind, options.notices ?? cli.host.environment.ALERTS_NOTICES_FILE)
    await writeEpisodeRecord(cli, options, {
      command: `alerts ${kind} ${dedupKey}`,
      plan: { request },
      record: request,
    })
    const earlier = (await tryEpisode(cli, options, dedupKey))?.asked?.[kind]
    if (earlier !== undefined && earlier.timeMs !== request.timeMs)
      cli.warn(`${earlier.by} has asked for it already: once is enough, and nobody is notified again`)
    if (options.json === true) cli.printJson(request)
    else cli.print(`${author} ${does} ${dedupKey}`)
    return 0
  })
}

/** The worker ignores a request for which its notices name nobody. Rejects with ILLEGAL_ARGUMENT where the file says so. */
async function checkReceivers(cli: Cli, kind: AlertRequestKind, file: string | undefined): Promise<void> {
  if (file === undefined) {
    cli.warn(`without --notices, it is not known whether requests.${kind} names receivers`)
    return
  }
  const { requests } = await readNotices(cli, file)
  if (requests[kind].length > 0) return
  const fix = 'name some there, and restart the alerts worker with this file'
  throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', `requests.${kind} of ${file} names no receivers: ${fix}`)
}
