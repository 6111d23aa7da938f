import type { Command } from 'commander'
import type { Replays } from '../../replay/replays.ts'
import type { PreparedWorker } from '../../worker/prepare-worker.ts'
import type { Cli, CommonOptions } from '../cli.ts'
import { withCommonOptions, withExamples, wholeNumber } from '../common-options.ts'
import type { ExitCode } from '../host.ts'
import { addReplayPlan } from '../replay/commands/plan.ts'
import { statusText, verificationText } from '../replay/replay-text.ts'
import { runServed } from '../replay/serve-replay.ts'
import { withReplays } from '../replay/with-replays.ts'
import { textTable } from '../text-table.ts'

/** `millrace replay`: the topology of a module again, over a range of its inputs. */
export function addReplay(program: Command, cli: Cli): void {
  const replay = program.command('replay').description('Runs a topology again over a range of its inputs, isolated.')
  addReplayPlan(replay, cli)
  addRun(replay, cli)
  addList(replay, cli)
  addStatus(replay, cli)
  addChange(replay, cli, 'pause', 'All processes of the replay read nothing until resume.', (replays, id) =>
    replays.pause(id),
  )
  addChange(replay, cli, 'resume', 'Continues a replay that is paused.', (replays, id) => replays.resume(id))
  addVerify(replay, cli)
  addChange(replay, cli, 'cutover', 'Puts the outputs of a finished replay in place of the live ones.', (replays, id) =>
    replays.cutOver(id),
  )
  addChange(replay, cli, 'revert', 'Reverts a cutover.', (replays, id) => replays.revert(id))
  addChange(replay, cli, 'abort', 'Ends a replay for good, and deletes its group and topics.', (replays, id) =>
    replays.abort(id),
  )
}

function addRun(replay: Command, cli: Cli): void {
  const command = replay
    .command('run <module> <id>')
    .description(
      'Runs a planned replay until it is done. Several processes may run one replay; after a crash, run it again.',
    )
  withCommonOptions(command)
  withExamples(command, 'millrace replay run ./dist/topology.js july')
  cli.action<CommonOptions>(command, async (options, module = '', id = '') => {
    const run = async (replays: Replays, worker: PreparedWorker): Promise<ExitCode> => {
      void cli.host.stop.then(() => replays.leave())
      const end = await cli.audited(options, {
        command: `replay run ${module} ${id}`,
        plan: await replays.status(id),
        apply: () => runServed({ replays, worker, id, warn: (sentence) => cli.warn(sentence) }),
      })
      const status = await replays.status(id)
      if (options.json === true) cli.printJson({ end, status })
      else cli.print(`${statusText(status)}${end === 'left' ? 'left; run it again to continue\n' : ''}`)
      return end === 'done' ? 0 : 1
    }
    return withReplays(cli, module, options, run, 'worker')
  })
}

function addList(replay: Command, cli: Cli): void {
  const command = replay.command('list <module>').description('Shows the replays of the application, the newest last.')
  withCommonOptions(command)
  withExamples(command, 'millrace replay list ./dist/topology.js')
  cli.action<CommonOptions>(command, async (options, module = '') =>
    withReplays(cli, module, options, async (replays) => {
      const plans = await replays.list()
      if (options.json === true) cli.printJson(plans)
      else {
        const rows = plans.map((plan) => [plan.id, new Date(plan.createdMs).toISOString(), plan.estimate.records])
        cli.print(textTable(['id', 'planned', 'records'], rows))
      }
      return 0
    }),
  )
}

function addStatus(replay: Command, cli: Cli): void {
  const command = replay
    .command('status <module> <id>')
    .description('Shows how far a replay is, from the cluster alone.')
  withCommonOptions(command)
  withExamples(command, 'millrace replay status ./dist/topology.js july')
  cli.action<CommonOptions>(command, async (options, module = '', id = '') =>
    withReplays(cli, module, options, async (replays) => {
      const status = await replays.status(id)
      if (options.json === true) cli.printJson(status)
      else cli.print(statusText(status))
      return 0
    }),
  )
}

interface VerifyOptions extends CommonOptions {
  readonly sampleEvery: number
}

function addVerify(replay: Command, cli: Cli): void {
  const command = replay
    .command('verify <module> <id>')
    .description('Compares what the replay wrote with what the live application wrote. Exit code 1: it differs.')
    .option('--sample-every <number>', 'compare only one record in this many', wholeNumber(1), 1)
  withCommonOptions(command)
  withExamples(command, 'millrace replay verify ./dist/topology.js july')
  cli.action<VerifyOptions>(command, async (options, module = '', id = '') =>
    withReplays(cli, module, options, async (replays) => {
      const verification = await replays.verify(id, options.sampleEvery)
      if (options.json === true) cli.printJson(verification)
      else cli.print(verificationText(verification))
      return verification.isEqual ? 0 : 1
    }),
  )
}

function addChange(
  replay: Command,
  cli: Cli,
  name: string,
  description: string,
  change: (replays: Replays, id: string) => Promise<readonly string[] | void>,
): void {
  const command = replay.command(`${name} <module> <id>`).description(description)
  withCommonOptions(command)
  withExamples(command, `millrace replay ${name} ./dist/topology.js july`)
  cli.action<CommonOptions>(command, async (options, module = '', id = '') =>
    withReplays(cli, module, options, async (replays) => {
      const plan = await replays.status(id)
      const command = `replay ${name} ${module} ${id}`
      const left = await cli.audited(options, { command, plan, apply: () => change(replays, id) })
      for (const sentence of left ?? []) cli.warn(sentence)
      const status = await replays.status(id)
      if (options.json === true) cli.printJson(status)
      else cli.print(statusText(status))
      return 0
    }),
  )
}
