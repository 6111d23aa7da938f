import type { Command } from 'commander'
import type { Cli, CommonOptions } from '../cli.ts'
import { withCommonOptions, withExamples } from '../common-options.ts'

interface DescribeOptions extends CommonOptions {
  readonly mermaid?: boolean
}

/** `millrace describe MODULE`: the topology as text, as a flowchart or as data. */
export function addDescribe(program: Command, cli: Cli): void {
  const command = program
    .command('describe <module>')
    .description('Shows the topology of a module, as Kafka Streams prints it.')
    .option('--mermaid', 'print a Mermaid flowchart')
  withCommonOptions(command)
  withExamples(command, 'millrace describe ./dist/topology.js', 'millrace describe ./topology.ts --mermaid')
  cli.action<DescribeOptions>(command, async (options, module = '') => {
    const { topology } = await cli.worker(module, options)
    if (options.json === true) cli.printJson(topology.toJSON())
    else cli.print(topology.describe(options.mermaid === true ? 'mermaid' : 'text'))
    return 0
  })
}
