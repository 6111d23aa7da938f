import { parse } from 'yaml'
import { importedPipeline, type ImportSource, loadPipeline } from '../../src/pipelines/index.ts'

/** The steps that a configuration of another program becomes, and what is named as missing. What comes out is a pipeline. */
export function imported(from: ImportSource, text: string) {
  const result = importedPipeline(from, text, 'orders.conf')
  loadPipeline(result.text, 'orders.yaml')
  return { steps: (parse(result.text) as { steps: unknown }).steps, notConverted: result.notConverted }
}
