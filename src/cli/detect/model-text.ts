import { currentVersion, type ModelHistory, modelId, type TrainedModel } from '../../detection/index.ts'
import { textTable } from '../text-table.ts'
import { timeText } from '../time-text.ts'

/** One line for each model. */
export function modelsText(histories: readonly ModelHistory[]): string {
  return textTable(
    ['model', 'version', 'kind', 'rows', 'until', 'since', 'by', 'why', 'kept'],
    histories.map((history) => {
      const [current, use] = [currentVersion(history), history.uses.at(-1)]
      return [
        modelId(history),
        current?.version,
        current?.kind,
        current?.rows,
        current && timeText(current.untilMs),
        use && timeText(use.fromMs),
        use?.by,
        use?.why,
        history.versions.map(({ version }) => version).join(','),
      ]
    }),
  )
}

/** All versions of a model, and who used which. */
export function historyText(history: ModelHistory): string {
  const current = currentVersion(history)
  const versions = textTable(
    ['version', 'used', 'kind', 'features', 'rows', 'from', 'until', 'trained', 'figures'],
    history.versions.map((one) => [
      one.version,
      one === current ? 'now' : '',
      one.kind,
      one.features.join(','),
      one.rows,
      timeText(one.fromMs),
      timeText(one.untilMs),
      timeText(one.trainedMs),
      figuresText(one),
    ]),
  )
  const uses = textTable(
    ['version', 'from', 'by', 'why'],
    history.uses.map(({ version, fromMs, by, why }) => [version, timeText(fromMs), by, why]),
  )
  return `${modelId(history)}\n\n${versions}\n${uses}`
}

/** Such as `learned 2016, unusualShare 0.005`. */
export function figuresText({ figures }: Pick<TrainedModel, 'figures'>): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
    .join(', ')
}

/** What was trained, from what, and what it showed. */
export function trainedText(model: TrainedModel): string {
  const { kind, features, rows, fromMs, untilMs } = model
  return [
    `${kind} of ${features.join(', ')}: ${rows} rows from ${timeText(fromMs)} to ${timeText(untilMs)}`,
    `  ${figuresText(model)}`,
  ].join('\n')
}

/** The history as JSON, without the bytes of its models. */
export function shownHistory(history: ModelHistory): unknown {
  return { ...history, versions: history.versions.map(shownModel) }
}

/** A model as JSON, with the number of its bytes in their place. */
export function shownModel<Model extends TrainedModel>({ bytes, ...rest }: Model): unknown {
  return { ...rest, bytes: Buffer.byteLength(bytes, 'base64') }
}
