import { type Command, InvalidArgumentError, Option } from 'commander'
import { systemClock } from '../../../core/clock.ts'
import {
  modelId,
  parseModelId,
  type TrainedKind,
  type TrainedModel,
  trainedKinds,
  trainModel,
  withVersion,
} from '../../../detection/index.ts'
import { alertDuration } from '../../alerts/alert-duration.ts'
import type { Cli } from '../../cli.ts'
import { withExamples } from '../../common-options.ts'
import { writeModelFile } from '../model-choice.ts'
import { shownModel, trainedText } from '../model-text.ts'
import { modelsTopicOf, readHistories, writeHistory } from '../model-topic.ts'
import { type PointOptions, readPoints, withPointOptions } from '../points/point-options.ts'
import { type ModelOptions, withModelOptions } from './models.ts'

interface TrainOptions extends PointOptions, ModelOptions {
  readonly kind: TrainedKind
  readonly option?: Readonly<Record<string, number | string>>
  readonly output?: string
  readonly publish?: boolean
  readonly timeout: number
}

/** `millrace detect train NAME/KEY`. */
export function addDetectTrain(detect: Command, cli: Cli): void {
  const command = withModelOptions(
    withPointOptions(
      detect
        .command('train <model>')
        .description(
          'Trains a model NAME/KEY from the points of a file or topic, in a thread of its own, and prints its figures. Of a topic, the records of the key are read; the key * is all of them.',
        )
        .addOption(new Option('--kind <kind>', 'what is trained').choices([...trainedKinds]).makeOptionMandatory())
        .option('--option <name=value...>', 'options of the kind, such as trees=200 or limit=90', modelOption)
        .option('--output <file.json>', 'write the model to this file')
        .option('--publish', 'make it the version that is used from now on')
        .addOption(
          new Option('--timeout <duration>', 'end the training after so long')
            .argParser(alertDuration)
            .default(600_000, '10m'),
        ),
    ),
  )
  withExamples(
    command,
    'millrace detect train rates/shop --kind forest --topic fastmcp-error-rates --from -7d --publish',
    'millrace detect train disk/db-1 --kind crossing --option limit=90 middle=60 --input disk.csv --output disk.json',
    'millrace detect train logs/shop --kind pca --logs --input shop.log --window 1m --output shop.json',
  )
  cli.action<TrainOptions>(command, async (options, id = '') => {
    const { name, key } = parseModelId(id)
    const { kind, timeout: timeoutMs } = options
    const table = await readPoints(cli, options, key)
    const model = await trainModel({ kind, table, options: options.option ?? {}, timeoutMs })
    if (options.output !== undefined) await writeModelFile(cli, options.output, model)
    const version = options.publish === true ? await publish(cli, options, { name, key }, model) : undefined
    if (options.json === true) cli.printJson({ ...(shownModel(model) as object), ...(version && { version }) })
    else cli.print(trainedText(model))
    if (options.output !== undefined) cli.warn(`the model was written to ${options.output}`)
    if (version !== undefined) cli.warn(`version ${version} of ${id} is used from now on`)
    else if (options.output === undefined) cli.warn('nothing was written: give --output FILE or --publish')
    return 0
  })
}

async function publish(
  cli: Cli,
  options: ModelOptions,
  id: ReturnType<typeof parseModelId>,
  model: TrainedModel,
): Promise<number | undefined> {
  const topic = modelsTopicOf(cli, options.modelsTopic)
  const kafka = cli.kafka(options)
  const before = (await readHistories(cli, kafka, topic, (key) => key === modelId(id))).get(modelId(id))
  const after = withVersion(id, before, model, { nowMs: systemClock.nowMs(), by: cli.host.user })
  const version = after.versions.at(-1)?.version
  await cli.audited(options, {
    command: `detect train ${modelId(id)} --publish`,
    plan: { topic, model: modelId(id), version, kind: model.kind, rows: model.rows, figures: model.figures },
    apply: () => writeHistory(kafka, topic, after),
  })
  return version
}

function modelOption(
  text: string,
  earlier: Readonly<Record<string, number | string>> = {},
): Readonly<Record<string, number | string>> {
  const [, name, value] = /^([A-Za-z]+)=(.+)$/s.exec(text) ?? []
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError('It must be name=value, such as trees=200.')
  return { ...earlier, [name]: Number.isFinite(Number(value)) ? Number(value) : value }
}
