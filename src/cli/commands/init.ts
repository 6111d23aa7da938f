import { existsSync } from 'node:fs'
import { basename, relative, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import type { Cli } from '../cli.ts'
import { withExamples } from '../common-options.ts'
import { packageVersion, scaffold, writeScaffold } from '../init/scaffold.ts'

interface InitOptions {
  readonly name?: string
  readonly package?: string
  readonly json?: boolean
}

/** The first version of Node that runs TypeScript without an option. */
const nodeNeeded = [22, 18] as const

/** `millrace init [DIR]`: a new project with a topology, its test, an image and chart values. */
export function addInit(program: Command, cli: Cli): void {
  const command = program
    .command('init [directory]')
    .description('Makes a project: a topology, its test, package.json, Dockerfile, chart values. Overwrites nothing.')
    .option('--name <name>', 'name of the package and the image; by default that of the directory', packageName)
    .option('--package <spec>', 'the millrace that npm installs: a version, or the file of a tarball')
    .option('--json', 'print one JSON document')
  withExamples(
    command,
    'millrace init page-views && cd page-views && npm install && npm test',
    'millrace init --package ../millrace/millrace-0.1.0.tgz',
  )
  cli.action<InitOptions>(command, async (options, given = '.') => {
    const directory = resolve(cli.host.directory, given)
    const { name = nameOf(directory) } = options
    const files = scaffold({ name, dependency: dependencyOf(options.package, cli.host.directory, directory) })
    writeScaffold(directory, files)
    if (options.json === true) cli.printJson({ directory, name, files: [...files.keys()] })
    else
      cli.print(
        `${directory}\n${[...files.keys()].map((file) => `  ${file}`).join('\n')}\n\nNext: ${nextSteps(cli, directory)}`,
      )
    if (!runsTypeScript(process.versions.node))
      cli.warn(
        `Node ${process.versions.node} does not run TypeScript: the project needs Node ${nodeNeeded.join('.')} or newer`,
      )
    return 0
  })
}

function nextSteps(cli: Cli, directory: string): string {
  const path = relative(cli.host.directory, directory)
  return `${path === '' ? '' : `cd ${path} && `}npm install && npm test && npm start`
}

/** A file is named as seen from the project. */
function dependencyOf(spec: string | undefined, from: string, directory: string): string {
  if (spec === undefined) return `^${packageVersion()}`
  const file = resolve(from, spec)
  return existsSync(file) ? `file:${relative(directory, file)}` : spec
}

/** The name of the directory as npm and Kubernetes take it. */
function nameOf(directory: string): string {
  const name = basename(directory)
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  return name === '' ? 'page-views' : name
}

function packageName(text: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text)) return text
  throw new InvalidArgumentError('It must have lower-case letters, digits and hyphens only.')
}

function runsTypeScript(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > nodeNeeded[0] || (major === nodeNeeded[0] && minor >= nodeNeeded[1])
}
