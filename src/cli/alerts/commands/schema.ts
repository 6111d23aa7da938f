import type { Command } from 'commander'
import { alertRuleSchema, noticesSchema, notifiersSchema } from '../../../alerts/index.ts'
import type { Cli } from '../../cli.ts'
import { withExamples } from '../../common-options.ts'

const schemas: Readonly<Record<string, unknown>> = Object.freeze({
  rules: alertRuleSchema,
  notices: noticesSchema,
  notifiers: notifiersSchema,
})

/** `millrace alerts schema rules|notices|notifiers`. */
export function addAlertsSchema(alerts: Command, cli: Cli): void {
  const names = Object.keys(schemas)
  const command = alerts
    .command('schema <file>')
    .description(`Prints the JSON Schema of a file, for editors: ${names.join(', ')}.`)
  withExamples(command, 'millrace alerts schema rules > alert-rules.schema.json')
  cli.action(command, async (_, name = '') => {
    if (!Object.hasOwn(schemas, name)) {
      cli.warn(`there is no schema '${name}': name ${names.join(', ')}`)
      return 2
    }
    cli.printJson(schemas[name])
    return 0
  })
}
