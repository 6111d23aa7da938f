import { SeededNumbers } from '../models/seeded-numbers.ts'
import { binnedRows } from './binned-rows.ts'
import { type BoostedNodes, BoostedTrees } from './boosted-trees.ts'
import type { BoostingOptions } from './boosting-options.ts'
import { TreeBuilder } from './tree-builder.ts'

/** Boosts trees (logistic loss, gradients of the second order) until there are as many as asked for. */
export function boosted(
  rows: Float64Array,
  labels: Uint8Array,
  featureCount: number,
  settings: Required<BoostingOptions>,
  seed: number,
): BoostedTrees {
  const binned = binnedRows(rows, featureCount)
  let positive = 0
  for (const label of labels) positive += label
  const base = Math.log((positive + 0.5) / (labels.length - positive + 0.5))
  const logOdds = new Float64Array(labels.length).fill(base)
  const gradients = new Float64Array(labels.length)
  const curvatures = new Float64Array(labels.length)
  const nodes: BoostedNodes = { features: [], values: [], lefts: [], roots: [] }
  const builder = new TreeBuilder(binned, settings, gradients, curvatures, nodes, new SeededNumbers(seed))
  for (let tree = 0; tree < settings.trees; tree++) {
    for (let row = 0; row < labels.length; row++) {
      const probability = 1 / (1 + Math.exp(-(logOdds[row] as number)))
      gradients[row] = probability - (labels[row] as number)
      curvatures[row] = probability * (1 - probability)
    }
    builder.build((members, value) => {
      for (const row of members) logOdds[row] = (logOdds[row] as number) + value
    })
  }
  return new BoostedTrees(base, nodes)
}
