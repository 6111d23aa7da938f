// The door `millrace/worker`: a topology as a process, with settings, sinks by configuration, probes, metrics and a drain.
export { kafkaConnection } from './kafka-connection.ts'
export { type OffsetResetText, offsetResetOf } from './offset-reset.ts'
export { readSettings, type SettingsSource } from './read-settings.ts'
export { setting, type SettingDefinition, workerSettingDefinitions } from './setting-definitions.ts'
export { stopSignal } from './stop-signal.ts'
export type { WorkerSettings } from './worker-settings.ts'
export { defineWorker, type WorkerContext, type WorkerDefinition } from './worker-definition.ts'
