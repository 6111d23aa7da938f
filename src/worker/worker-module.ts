import type { ThreadModule } from '../runtime/application/workers/messages.ts'
import type { SettingsSource } from './read-settings.ts'

/** What a worker thread makes a worker again from: the module and the same variables. */
export interface WorkerModuleData extends Pick<SettingsSource, 'environment' | 'unknownNames'> {
  readonly file: string
}

/** What a worker thread imports. */
export function workerModule(data: WorkerModuleData): ThreadModule {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const { file, environment, unknownNames } = data
  const plain: WorkerModuleData = { file, environment: { ...environment }, unknownNames }
  return { loader: new URL(`./thread-loader.${ending}`, import.meta.url).href, data: plain }
}
