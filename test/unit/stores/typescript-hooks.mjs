// Lets a child process run our TypeScript: `node --import this-file child.ts`.
import { readFileSync } from 'node:fs'
import { register } from 'node:module'
import { fileURLToPath } from 'node:url'
import { transformSync } from '@swc/core'

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context)
  const options = { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } }
  const { code } = transformSync(readFileSync(fileURLToPath(url), 'utf8'), options)
  return { format: 'module', source: code, shortCircuit: true }
}

if (!process.env.MILLRACE_HOOKS) {
  process.env.MILLRACE_HOOKS = '1'
  register(import.meta.url)
}
