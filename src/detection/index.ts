// The door `millrace/detection`: what logs and series say that nobody has written a rule for.
export { type RareStep, SequenceModel, type StepChanges, type StepRow } from './sequences/sequence-model.ts'
export type { SequenceOptions } from './sequences/sequence-options.ts'
export { type NoiseChanges, type NoiseCount, NoiseFilter, type NoiseLine } from './templates/noise-filter.ts'
export type { NoiseOptions } from './templates/noise-options.ts'
export type { Template, TemplateRow } from './templates/template.ts'
export { templateId } from './templates/template.ts'
export { type Learned, type TemplateChanges, TemplateMiner } from './templates/template-miner.ts'
export type { TemplateOptions } from './templates/template-options.ts'
