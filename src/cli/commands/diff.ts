import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Cli, CommonOptions } from '../cli.ts'
import { withCommonOptions, withExamples } from '../common-options.ts'
import { type DeploymentDiff, deploymentDiff } from '../diff/deployment-diff.ts'
import { stateOfFile, stateOfGroup } from '../diff/former-state.ts'
import { membersOf } from '../groups/wait-until-empty.ts'
import { textTable } from '../text-table.ts'

interface DiffOptions extends CommonOptions {
  readonly against?: string
  readonly rolling?: boolean
}

/** `millrace diff MODULE`: what a deployment would do to stores, internal topics and offsets. */
export function addDiff(program: Command, cli: Cli): void {
  const command = program
    .command('diff <module>')
    .description(
      'Compares a topology with what the cluster keeps for its application: what continues, starts empty or is lost.',
    )
    .option('--against <group>', 'another group, or a .json file of millrace describe --json')
    .option('--rolling', 'old and new members are to run together: 1 also where a running group has to stop first')
  withCommonOptions(command)
  withExamples(
    command,
    'millrace diff ./dist/topology.js --bootstrap kafka:9092',
    'millrace diff ./dist/topology.js --against deployed.json',
    'millrace diff ./dist/topology.js --rolling',
  )
  command.addHelpText(
    'after',
    `
Exit codes:
  0  nothing is lost, or ALLOW_STATE_LOSS accepts it
  1  a deployment would lose state, or with --rolling has to stop a running group first; the plan says what to do
  2  could not compare: a module, a setting or a server`,
  )
  cli.action<DiffOptions>(command, async (options, module = '') => {
    const worker = await cli.worker(module, options)
    const { against = worker.applicationId } = options
    const former = against.endsWith('.json')
      ? await stateOfFile(resolve(cli.host.directory, against), worker)
      : await stateOfGroup(worker, cli.kafka(options), against)
    const diff = deploymentDiff(worker, module, against, former)
    if (options.json === true) cli.printJson(diff)
    else cli.print(diffText(diff))
    if (options.rolling === true && !diff.rolls) {
      const members = await membersOf(cli.kafka(options).admin(), worker.applicationId)
      if (members.length > 0) return 1
    }
    if (!diff.losesState) return 0
    if (!worker.settings.state.allowLoss) return 1
    cli.warn('state is lost, as ALLOW_STATE_LOSS allows')
    return 0
  })
}

function diffText({ applicationId, against, losesState, rolls, state, inputs, plan }: DeploymentDiff): string {
  const rows = [
    ...state.map(({ change, of, name, formerName, records }) => {
      const shown = formerName === undefined ? name : `${formerName} -> ${name}`
      return [change, of, shown, change === 'new' ? undefined : records]
    }),
    ...inputs.map(({ change, topic }) => [change, 'input', topic, undefined]),
  ]
  const verdict = losesState
    ? 'a deployment loses state'
    : rolls
      ? 'a deployment loses nothing, and members can be replaced one after another'
      : 'a deployment loses nothing, but the group has to stop first'
  const steps = plan.map((step, index) => `${index + 1}. ${step}\n`).join('')
  return `${applicationId} against ${against}: ${verdict}\n${textTable(['change', 'part', 'name', 'records'], rows)}${steps}`
}
