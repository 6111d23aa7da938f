// The door `millrace/detection`: what logs and series say that nobody has written a rule for.
export type { FeatureOptions } from './features/feature-options.ts'
export {
  type ComponentCorrelation,
  ComponentSeries,
  type ComponentSeriesRow,
  type ComponentWindow,
  type ServiceSeriesRow,
} from './features/component-series.ts'
export { type FeatureChanges, LogFeatures } from './features/log-features.ts'
export type { FeatureLine, FeatureRow, LatencyFeatures, WindowFeatures } from './features/window-features.ts'
export { type RareStep, SequenceModel, type StepChanges, type StepRow } from './sequences/sequence-model.ts'
export type { SequenceOptions } from './sequences/sequence-options.ts'
export type { GroupOptions } from './templates/group-options.ts'
export { type GroupChanges, type GroupedLog, type LogGroup, LogGroups } from './templates/log-groups.ts'
export { type NoiseChanges, type NoiseCount, NoiseFilter, type NoiseLine } from './templates/noise-filter.ts'
export type { NoiseOptions } from './templates/noise-options.ts'
export {
  type SigmaCorrelation,
  type SigmaCorrelationType,
  sigmaCorrelationTypes,
  type SigmaMember,
} from './sigma/sigma-correlation.ts'
export type { SigmaHead, SigmaLevel, SigmaOptions, SigmaRule, SigmaSource } from './sigma/sigma-rule.ts'
export { type SigmaFile, SigmaRules } from './sigma/sigma-rules.ts'
export type { Template, TemplateRow } from './templates/template.ts'
export { templateId } from './templates/template.ts'
export { type Learned, type TemplateChanges, TemplateMiner } from './templates/template-miner.ts'
export type { TemplateOptions } from './templates/template-options.ts'
export { type DetectorOptions, type DetectorSettings, detectorSettings } from './series/detector-settings.ts'
export type { UsualRange } from './series/decayed-histogram.ts'
export { DecayedQuantiles } from './series/decayed-quantiles.ts'
export { SeriesDetector } from './series/series-detector.ts'
export { reasonOf, type Verdict, type ViewName, viewNames, type ViewReading } from './series/verdict.ts'
export { Autoencoder } from './autoencoder/autoencoder.ts'
export type { AutoencoderOptions } from './autoencoder/autoencoder-options.ts'
export type { BoostingOptions } from './prediction/boosting-options.ts'
export { crossingFeatureNames, type CrossingSeries } from './prediction/crossing-features.ts'
export {
  CrossingForecast,
  type CrossingForecastOptions,
  crossingReasonOf,
  type CrossingRows,
  crossingRows,
  type CrossingVerdict,
} from './prediction/crossing-forecast.ts'
export { betterModel, type CrossingFigures, CrossingModel, type CrossingOptions } from './prediction/crossing-model.ts'
export type { ShareFound } from './prediction/ranking.ts'
export { TrendForecast, type TrendInterval, trendReasonOf, type TrendVerdict } from './prediction/trend-forecast.ts'
export type { TrendOptions } from './prediction/trend-options.ts'
export { trainInThread } from './training/train-in-thread.ts'
export type { TrainingJob } from './training/training-job.ts'
export type { ForestOptions, OnlineForestOptions } from './vectors/forest-options.ts'
export { IsolationForest } from './vectors/isolation-forest.ts'
export { OnlineForest } from './vectors/online-forest.ts'
export { type PcaJudgement, PcaModel, type PcaOptions } from './vectors/pca-model.ts'
export type { Contribution, Judgement, VectorModel } from './vectors/vector-model.ts'
export { type MomentsOptions, VectorMoments } from './vectors/vector-moments.ts'
export {
  type NamedContribution,
  vectorReasonOf,
  type VectorVerdict,
  VectorWatch,
  type WatchOptions,
} from './vectors/vector-watch.ts'
export {
  anyKey,
  currentVersion,
  type ModelActor,
  type ModelHistory,
  modelId,
  type ModelUse,
  type ModelVersion,
  parseModelId,
  readModelHistory,
  rolledBack,
  using,
  versionAt,
  withVersion,
} from './catalog/model-history.ts'
export { type PointCause, type PointJudge, pointJudge, type PointVerdict } from './catalog/point-judge.ts'
export { type Point, type PointTable, pointTable } from './catalog/point-table.ts'
export { type ReadModel, readModel } from './catalog/read-model.ts'
export { type TrainingOrder, trainModel } from './catalog/train-model.ts'
export { readTrainedModel, type TrainedKind, trainedKinds, type TrainedModel } from './catalog/trained-model.ts'
export { type AlertLabel, type AlertLabels, readLabels, strictnessAt, withLabel } from './labels/alert-labels.ts'
