import type { Command } from 'commander'
import { systemClock } from '../../../core/clock.ts'
import {
  currentVersion,
  type ModelActor,
  type ModelHistory,
  modelId,
  parseModelId,
  readModel,
  rolledBack,
  using,
} from '../../../detection/index.ts'
import type { Cli, CommonOptions } from '../../cli.ts'
import { wholeNumber, withCommonOptions, withExamples } from '../../common-options.ts'
import { historyText, modelsText, shownHistory } from '../model-text.ts'
import { modelsTopicHelp, modelsTopicOf, readHistories, readHistory, writeHistory } from '../model-topic.ts'

/** Options of all commands about models in the topic. */
export interface ModelOptions extends CommonOptions {
  readonly modelsTopic?: string
}

/** Adds the option that names the topic. */
export function withModelOptions(command: Command): Command {
  return withCommonOptions(command.option('--models-topic <name>', modelsTopicHelp))
}

/** `millrace detect models`: those of the topic. */
export function addDetectModels(detect: Command, cli: Cli): void {
  const command = withModelOptions(
    detect
      .command('models')
      .description('Shows the models of the topic: which version is used, since when, and by whom.'),
  )
  withExamples(command, 'millrace detect models')
  cli.action<ModelOptions>(command, async (options) => {
    const topic = modelsTopicOf(cli, options.modelsTopic)
    const histories = [...(await readHistories(cli, cli.kafka(options), topic)).values()]
    if (options.json === true) cli.printJson(histories.map(shownHistory))
    else cli.print(histories.length === 0 ? 'there is no model' : modelsText(histories))
    return 0
  })
}

/** `millrace detect show NAME/KEY`: all versions of one. */
export function addDetectShow(detect: Command, cli: Cli): void {
  const command = withModelOptions(
    detect
      .command('show <model>')
      .description('Shows the versions of a model: training period, rows and figures, and who used which of them.'),
  )
  withExamples(command, 'millrace detect show rates/shop')
  cli.action<ModelOptions>(command, async (options, model = '') => {
    const topic = modelsTopicOf(cli, options.modelsTopic)
    const history = await readHistory(cli, cli.kafka(options), topic, modelId(parseModelId(model)))
    if (options.json === true) cli.printJson(shownHistory(history))
    else cli.print(historyText(history))
    return 0
  })
}

/** `millrace detect use NAME/KEY VERSION`. */
export function addDetectUse(detect: Command, cli: Cli): void {
  const command = withModelOptions(
    detect
      .command('use <model> <version>')
      .description('Judges by this version of a model from now on. Running workers follow without a restart.'),
  )
  withExamples(command, 'millrace detect use rates/shop 3')
  cli.action<ModelOptions>(command, async (options, model = '', version = '') => {
    const number = wholeNumber(1)(version)
    return await change(cli, options, `use ${model} ${number}`, model, (history, actor) =>
      using(history, number, actor),
    )
  })
}

/** `millrace detect rollback NAME/KEY`. */
export function addDetectRollback(detect: Command, cli: Cli): void {
  const command = withModelOptions(
    detect
      .command('rollback <model>')
      .description(
        'Judges by the version before the current one from now on. Running workers follow without a restart.',
      ),
  )
  withExamples(command, 'millrace detect rollback rates/shop')
  cli.action<ModelOptions>(
    command,
    async (options, model = '') => await change(cli, options, `rollback ${model}`, model, rolledBack),
  )
}

async function change(
  cli: Cli,
  options: ModelOptions,
  command: string,
  model: string,
  make: (history: ModelHistory, actor: ModelActor) => ModelHistory,
): Promise<0> {
  const id = modelId(parseModelId(model))
  const topic = modelsTopicOf(cli, options.modelsTopic)
  const kafka = cli.kafka(options)
  const before = await readHistory(cli, kafka, topic, id)
  const after = make(before, { nowMs: systemClock.nowMs(), by: cli.host.user })
  const [from, to] = [currentVersion(before), currentVersion(after)]
  // A version that no worker could read would change nothing there.
  if (to !== undefined) readModel(to)
  await cli.audited(options, {
    command: `detect ${command}`,
    plan: { topic, model: id, from: from?.version ?? null, to: to?.version ?? null },
    apply: () => writeHistory(kafka, topic, after),
  })
  if (options.json === true) cli.printJson(shownHistory(after))
  else cli.print(`${id}: version ${to?.version} is used from now on, before it was ${from?.version ?? 'none'}`)
  return 0
}
