// Writes docs/log-sources.md: `npm run docs:sources`.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { logSourcesPage } from './docs/log-sources-page.ts'
import { packageRoot } from './lab/folders.mjs'

writeFileSync(join(packageRoot(), 'docs', 'log-sources.md'), await logSourcesPage())
