import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Cli, CommonOptions } from '../cli.ts'
import { withCommonOptions, withExamples } from '../common-options.ts'
import { readText } from '../pipeline/pipeline-file.ts'
import { sampleDocuments } from '../pipeline/sample-documents.ts'
import { picturePage } from '../picture/picture-page.ts'

interface DescribeOptions extends CommonOptions {
  readonly mermaid?: boolean
  readonly html?: string
  readonly sample?: string
}

/** `millrace describe MODULE`: the topology as text, as a flowchart, as a picture or as data; documents of samples. */
export function addDescribe(program: Command, cli: Cli): void {
  const command = program
    .command('describe <module>')
    .description('Shows the topology of a module, as Kafka Streams prints it.')
    .option('--mermaid', 'print a Mermaid flowchart')
    .option('--sample <file>', 'print the final documents for the lines of a file, without a server')
    .option('--html <file>', 'write a picture as an HTML page that needs no network')
  withCommonOptions(command)
  withExamples(
    command,
    'millrace describe ./dist/topology.js',
    'millrace describe ./topology.ts --mermaid',
    'millrace describe ./topology.ts --html topology.html',
    'millrace describe ./workers/application.js --sample access.log',
  )
  cli.action<DescribeOptions>(command, async (options, module = '') => {
    if (options.sample !== undefined) {
      const lines = (await readText(cli, options.sample)).split(/\r?\n/).filter((line) => line !== '')
      for (const document of await sampleDocuments(cli, module, options, lines)) cli.print(document)
      return 0
    }
    const { name, topology } = await cli.worker(module, options)
    if (options.html !== undefined) {
      const file = resolve(cli.host.directory, options.html)
      await writeFile(file, picturePage(name, topology))
      cli.warn(`the picture is in ${file}`)
      return 0
    }
    if (options.json === true) cli.printJson(topology.toJSON())
    else cli.print(topology.describe(options.mermaid === true ? 'mermaid' : 'text'))
    return 0
  })
}
