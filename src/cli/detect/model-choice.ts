import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { errorMessage, MillraceError } from '../../core/errors.ts'
import {
  anyKey,
  currentVersion,
  modelId,
  parseModelId,
  readTrainedModel,
  type TrainedModel,
} from '../../detection/index.ts'
import { jsonText } from '../../core/json-text.ts'
import type { Cli, CommonOptions } from '../cli.ts'
import { modelsTopicOf, readHistory } from './model-topic.ts'

/** Which model judges. */
export interface ModelChoice extends CommonOptions {
  readonly model: string
  readonly modelVersion?: number
  readonly key?: string
  readonly modelsTopic?: string
}

/** A model to judge by, and of which key its points are. */
export interface ChosenModel {
  readonly model: TrainedModel
  readonly key: string
}

/** The model of a file, or a version of the topic. Rejects with MODEL_UNREADABLE, ILLEGAL_ARGUMENT and UNKNOWN_TOPIC. */
export async function chosenModel(cli: Cli, options: ModelChoice): Promise<ChosenModel> {
  if (options.model.endsWith('.json'))
    return { model: await readModelFile(cli, options.model), key: options.key ?? anyKey }
  const id = parseModelId(options.model)
  const topic = modelsTopicOf(cli, options.modelsTopic)
  const history = await readHistory(cli, cli.kafka(options), topic, modelId(id))
  const { modelVersion } = options
  const model =
    modelVersion === undefined
      ? currentVersion(history)
      : history.versions.find(({ version }) => version === modelVersion)
  if (model !== undefined) return { model, key: options.key ?? id.key }
  const kept = history.versions.map(({ version }) => version).join(', ')
  const text = `${options.model} has no version ${modelVersion ?? 'that is used'}: give --model-version with one of ${kept}`
  throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', text)
}

async function readModelFile(cli: Cli, file: string): Promise<TrainedModel> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(resolve(cli.host.directory, file), 'utf8'))
  } catch (cause) {
    const text = `${file} is no model (${errorMessage(cause)}): name a file that millrace detect train has written`
    throw new MillraceError('MODEL_UNREADABLE', 'fatal', text, { cause })
  }
  return readTrainedModel(value, file)
}

/** Writes a model to a file. Rejects with ILLEGAL_ARGUMENT. */
export async function writeModelFile(cli: Cli, file: string, model: TrainedModel): Promise<void> {
  try {
    await writeFile(resolve(cli.host.directory, file), `${jsonText(model, 2) ?? ''}\n`)
  } catch (cause) {
    const text = `${file} cannot be written (${errorMessage(cause)}): name a file in a folder that exists`
    throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', text, { cause })
  }
}
