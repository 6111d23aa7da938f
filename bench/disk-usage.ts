import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What the files of a folder take on the disk, in MB: holes take nothing. */
export function diskMb(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return files.reduce((sum, name) => sum + statSync(join(folder, name)).blocks * 512, 0) / 2 ** 20
}
