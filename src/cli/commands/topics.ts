import type { Command } from 'commander'
import type { Cli, CommonOptions } from '../cli.ts'
import { withCommonOptions, withExamples } from '../common-options.ts'
import type { ExitCode } from '../host.ts'
import { textTable } from '../text-table.ts'
import { applyTopics, changes } from '../topics/apply-topics.ts'
import { planTopics, type TopicStep } from '../topics/topic-plan.ts'

interface TopicsOptions extends CommonOptions {
  readonly delete?: readonly string[]
}

/** `millrace topics plan|apply MODULE`: the application's topics against the cluster. */
export function addTopics(program: Command, cli: Cli): void {
  const topics = program.command('topics').description('Compares the topics of an application with the cluster.')
  addPlan(topics, cli)
  addApply(topics, cli)
}

function addPlan(topics: Command, cli: Cli): void {
  const plan = withDeletions(
    topics
      .command('plan <module>')
      .description('Prints what apply would change. Exit code 1: there is something to change or to decide.'),
  )
  withExamples(plan, 'millrace topics plan ./dist/topology.js --bootstrap kafka:9092')
  cli.action<TopicsOptions>(plan, async (options, module = '') => {
    const steps = await stepsOf(cli, module, options)
    show(cli, options, steps)
    return steps.some(({ action }) => action !== 'none' && action !== 'unused') ? 1 : 0
  })
}

function addApply(topics: Command, cli: Cli): void {
  const apply = withDeletions(
    topics
      .command('apply <module>')
      .description('Creates and changes topics. Deletes only the topics that --delete names.'),
  )
  withExamples(apply, 'millrace topics apply ./dist/topology.js --delete app-old-changelog')
  cli.action<TopicsOptions>(apply, async (options, module = '') => {
    const steps = await stepsOf(cli, module, options)
    show(cli, options, steps)
    return applied(cli, module, options, steps)
  })
}

function withDeletions(command: Command): Command {
  return withCommonOptions(command).option('--delete <topic...>', 'unused internal topics to delete')
}

async function stepsOf(cli: Cli, module: string, options: TopicsOptions): Promise<readonly TopicStep[]> {
  const worker = await cli.worker(module, options)
  return planTopics(worker, cli.kafka(options).admin(), options.delete)
}

/** Carries out the steps that change something, between two audit entries. Exit code 1: conflicts are left. */
async function applied(
  cli: Cli,
  module: string,
  options: TopicsOptions,
  steps: readonly TopicStep[],
): Promise<ExitCode> {
  const conflicts = steps.filter(({ action }) => action === 'conflict').length
  if (conflicts > 0) cli.warn(`${conflicts} conflicts are left to you; see the plan`)
  const plan = steps.filter(({ action }) => changes(action))
  if (plan.length > 0) {
    await cli.audited(options, {
      command: `topics apply ${module}`,
      plan,
      apply: () => applyTopics(plan, cli.kafka(options).admin()),
    })
  }
  return conflicts > 0 ? 1 : 0
}

function show(cli: Cli, { json }: TopicsOptions, steps: readonly TopicStep[]): void {
  if (json === true) cli.printJson({ steps })
  else
    cli.print(
      textTable(
        ['action', 'topic', 'details'],
        steps.map((step) => [step.action, step.topic, details(step)]),
      ),
    )
}

/** The last column of the table: what the step changes, or why it cannot. */
function details(step: TopicStep): string {
  switch (step.action) {
    case 'create': {
      const { partitions, replicationFactor, configs } = step.create
      const count = partitions === -1 ? 'default' : String(partitions)
      const copies = replicationFactor === -1 ? 'default' : String(replicationFactor)
      return `partitions ${count}, replication ${copies}${configText(Object.entries(configs))}`
    }
    case 'add-partitions':
      return `${step.from} -> ${step.to}; keys move to other partitions`
    case 'alter-configs':
      return step.configs.map(({ name, from = 'unset', to }) => `${name}: ${from} -> ${to}`).join(', ')
    case 'conflict':
      return step.reason
    default:
      return ''
  }
}

function configText(configs: readonly (readonly [string, string])[]): string {
  return configs.map(([name, value]) => `, ${name}=${value}`).join('')
}
