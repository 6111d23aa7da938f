import { isZone } from '../../core/zone-clock.ts'
import { type DetectorSettings, detectorSettings } from '../../detection/index.ts'
import { PipelineMistake } from '../../pipelines/index.ts'
import { durationMs } from '../../pipelines/steps/options.ts'
import type { AnomalyRule } from './definition.ts'

/** The detector of a rule without mistakes, whose mildest severity fires from a score on. */
export function detectorOf(definition: AnomalyRule, everyMs: number, threshold = 0.6): DetectorSettings {
  const { memory = '7d', learn = '1d', cooldown = '1d', falseAlarmEvery, timeZone = 'UTC' } = definition
  return detectorSettings({
    intervalMs: everyMs,
    memoryMs: durationMs(memory),
    warmUpMs: durationMs(learn),
    cooldownMs: durationMs(cooldown),
    threshold,
    timeZone,
    ...(falseAlarmEvery === undefined ? {} : { falseAlarmEveryMs: durationMs(falseAlarmEvery) }),
  })
}

/** Throws a PipelineMistake for times that are too short for the window, and for a zone that there is not. */
export function checkDetector({ window, memory, falseAlarmEvery, timeZone }: AnomalyRule): void {
  for (const [option, text] of Object.entries({ memory, falseAlarmEvery })) {
    if (text === undefined || durationMs(text) > durationMs(window)) continue
    throw new PipelineMistake(`${option} (${text}) is not longer than the window: give more, such as 7d`, option)
  }
  if (timeZone === undefined || isZone(timeZone)) return
  throw new PipelineMistake(`there is no zone '${timeZone}': write one such as Europe/Berlin`, 'timeZone')
}
