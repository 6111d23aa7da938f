import type { Command } from 'commander'
import { newAcknowledgement } from '../../../alerts/index.ts'
import { systemClock } from '../../../core/clock.ts'
import type { Cli } from '../../cli.ts'
import { withExamples } from '../../common-options.ts'
import { type EpisodeOptions, tryEpisode, withEpisodeOptions, writeEpisodeRecord } from '../episode-record.ts'

/** `millrace alerts acknowledge DEDUP_KEY`: somebody takes care of a group of alerts. */
export function addAlertsAcknowledge(alerts: Command, cli: Cli): void {
  const command = withEpisodeOptions(
    alerts
      .command('acknowledge <dedup-key>')
      .description(
        'Says that somebody takes care of a group of alerts: no reminders and no escalation until all of it is over. Each notice has the key, and millrace alerts describe shows it.',
      ),
    'takes care',
  )
  withExamples(command, 'millrace alerts acknowledge payments/error-share@1795962894858 --author ann')
  cli.action<EpisodeOptions>(command, async (options, dedupKey = '') => {
    const author = options.author ?? cli.host.user
    const acknowledgement = newAcknowledgement(dedupKey, author, systemClock.nowMs())
    await writeEpisodeRecord(cli, options, {
      command: `alerts acknowledge ${dedupKey}`,
      plan: { acknowledgement },
      record: acknowledgement,
    })
    const earlier = (await tryEpisode(cli, options, dedupKey))?.acknowledgement
    if (earlier != null && earlier.author !== author)
      cli.warn(`${earlier.author} took care of it before: the first one stays`)
    if (options.json === true) cli.printJson(acknowledgement)
    else cli.print(`${author} takes care of ${dedupKey}`)
    return 0
  })
}
