// Writes docs/errors.md: `npm run docs:errors`.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorPage } from './docs/error-page.ts'
import { packageRoot } from './lab/folders.mjs'

writeFileSync(join(packageRoot(), 'docs', 'errors.md'), errorPage())
