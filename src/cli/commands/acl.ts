import { type Command, InvalidArgumentError } from 'commander'
import { MillraceError } from '../../core/errors.ts'
import { aclCommands } from '../acl/acl-commands.ts'
import { applicationAcls } from '../acl/application-acls.ts'
import type { Cli, CommonOptions } from '../cli.ts'
import { withCommonOptions, withExamples } from '../common-options.ts'
import { textTable } from '../text-table.ts'

interface AclOptions extends CommonOptions {
  readonly commands?: boolean
  readonly principal?: string
}

/** `millrace acl MODULE`: the rights that an application needs. It asks no cluster and changes nothing. */
export function addAcl(program: Command, cli: Cli): void {
  const command = program
    .command('acl <module>')
    .description('Lists the ACLs that an application needs, the least with which it runs. Nothing is changed.')
    .option('--commands', 'print kafka-acls commands; needs --principal')
    .option('--principal <principal>', 'who gets the rights, such as User:orders', principal)
  withCommonOptions(command)
  withExamples(
    command,
    'millrace acl ./dist/topology.js',
    'millrace acl ./dist/topology.js --commands --principal User:orders --bootstrap kafka:9092 | sh',
  )
  cli.action<AclOptions>(command, async (options, module = '') => {
    if (options.commands === true && options.principal === undefined)
      throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', '--commands needs --principal: say who gets the rights')
    const worker = await cli.worker(module, options)
    const { acls, notes } = applicationAcls(worker)
    if (options.json === true) cli.printJson({ applicationId: worker.applicationId, acls, notes })
    else if (options.principal !== undefined && options.commands === true) {
      const bootstrap = worker.settings.kafka.bootstrapServers ?? 'localhost:9092'
      cli.print(aclCommands(acls, { principal: options.principal, bootstrap }).join('\n'))
    } else
      cli.print(
        textTable(
          ['resource', 'name', 'operations', 'purpose'],
          acls.map(({ resource, name, operations, purpose }) => [resource, name, operations.join(', '), purpose]),
        ),
      )
    if (options.json !== true) for (const note of notes) cli.warn(note)
    return 0
  })
}

function principal(text: string): string {
  if (/^[A-Za-z]+:.+$/.test(text)) return text
  throw new InvalidArgumentError('It must be a type and a name, such as User:orders.')
}
