import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { addDetectExplain } from '../detect/commands/explain.ts'
import { addDetectLabel, addDetectLabels } from '../detect/commands/label.ts'
import { addDetectModels, addDetectRollback, addDetectShow, addDetectUse } from '../detect/commands/models.ts'
import { addDetectScore } from '../detect/commands/score.ts'
import { addDetectTrain } from '../detect/commands/train.ts'

/** `millrace detect`: models of detection, and what they find. */
export function addDetect(program: Command, cli: Cli): void {
  const detect = program
    .command('detect')
    .description(
      'Trains, tries and explains models of detection. Chooses which version of a model is used. Records whether alerts were right.',
    )
  addDetectTrain(detect, cli)
  addDetectScore(detect, cli)
  addDetectExplain(detect, cli)
  addDetectLabel(detect, cli)
  addDetectLabels(detect, cli)
  addDetectModels(detect, cli)
  addDetectShow(detect, cli)
  addDetectUse(detect, cli)
  addDetectRollback(detect, cli)
}
