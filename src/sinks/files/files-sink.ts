import type { SinkFactory } from '../port.ts'
import { sinkFactoryOf } from '../sink-factory.ts'
import { filesConfig, type FilesSinkOptions } from './files-options.ts'
import { FilesTarget } from './files-target.ts'

/**
 * Appends one line of JSON per document to a file per day or per name. Flushed documents are on the disk, and a crash
 * leaves no incomplete line. Throws INVALID_SETTINGS, which lists all invalid options.
 */
export function filesSink(options: FilesSinkOptions): SinkFactory {
  const config = filesConfig(options)
  return sinkFactoryOf(config, new FilesTarget(config), {
    versioned: (label) =>
      filesSink({
        ...options,
        name: `${options.name}${label}`,
        file: (record) => `${label.slice(1)}-${config.fileOf(record)}`,
      }),
  })
}
