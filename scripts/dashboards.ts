// Writes what dashboards import: `npm run dashboards`.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { dashboardFiles } from './dashboards/files.ts'
import { packageRoot } from './lab/folders.mjs'

for (const [name, text] of Object.entries(dashboardFiles())) {
  const file = join(packageRoot(), name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
