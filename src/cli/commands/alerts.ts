import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { addAlertsAcknowledge } from '../alerts/commands/acknowledge.ts'
import { addAlertsCheck } from '../alerts/commands/check.ts'
import { addAlertsDescribe } from '../alerts/commands/describe.ts'
import { addAlertsReplay } from '../alerts/commands/replay.ts'
import { addAlertsEscalate, addAlertsIncident } from '../alerts/commands/requests.ts'
import { addAlertsSchema } from '../alerts/commands/schema.ts'
import { addAlertsSilence } from '../alerts/commands/silence.ts'
import { addAlertsSilences, addAlertsUnsilence } from '../alerts/commands/silences.ts'
import { addAlertsTest } from '../alerts/commands/test.ts'

/** `millrace alerts`: rules, notices, and what fires. */
export function addAlerts(program: Command, cli: Cli): void {
  const alerts = program
    .command('alerts')
    .description('Checks and tries alert rules and notices, shows what fires, and silences it.')
  addAlertsTest(alerts, cli)
  addAlertsCheck(alerts, cli)
  addAlertsSchema(alerts, cli)
  addAlertsReplay(alerts, cli)
  addAlertsDescribe(alerts, cli)
  addAlertsAcknowledge(alerts, cli)
  addAlertsEscalate(alerts, cli)
  addAlertsIncident(alerts, cli)
  addAlertsSilence(alerts, cli)
  addAlertsSilences(alerts, cli)
  addAlertsUnsilence(alerts, cli)
}
