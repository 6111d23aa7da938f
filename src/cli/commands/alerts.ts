import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { addAlertsCheck } from '../alerts/commands/check.ts'
import { addAlertsSchema } from '../alerts/commands/schema.ts'
import { addAlertsTest } from '../alerts/commands/test.ts'

/** `millrace alerts`: rules, notices, and what fires. */
export function addAlerts(program: Command, cli: Cli): void {
  const alerts = program
    .command('alerts')
    .description('Checks and tries alert rules and notices, and shows what fires.')
  addAlertsTest(alerts, cli)
  addAlertsCheck(alerts, cli)
  addAlertsSchema(alerts, cli)
}
