import { YamlFile } from '../../../pipelines/load/yaml-file.ts'
import { notifierServices } from './notifier-services.ts'

/**
 * The service of each notifier of a file, by its name, such as `{ mail: 'email' }`. Nothing is checked and no secret is
 * read: the process that sends has done that.
 */
export function notifierChannels(text: string): Readonly<Record<string, string>> {
  const { notifiers } = (new YamlFile(text).value ?? {}) as { readonly notifiers?: unknown }
  if (!Array.isArray(notifiers)) return {}
  return Object.fromEntries(
    notifiers.flatMap((entry: unknown) => {
      if (typeof entry !== 'object' || entry === null || !('name' in entry)) return []
      const service = Object.keys(entry).find((key) => notifierServices[key] !== undefined)
      return service === undefined ? [] : [[String(entry.name), service]]
    }),
  )
}
