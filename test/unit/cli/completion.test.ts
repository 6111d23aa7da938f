import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from '@jest/globals'
import { commandLine } from '../../support/command-line.ts'

const execute = promisify(execFile)

async function completions(...words: string[]): Promise<readonly string[]> {
  const { out } = await commandLine().run('completion', 'bash')
  const script = `${out}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})\nCOMP_CWORD=${words.length - 1}\n_millrace\necho "\${COMPREPLY[@]}"`
  const { stdout } = await execute('bash', ['-c', script])
  return stdout.trim().split(' ')
}

test('bash completes commands', async () => {
  expect(await completions('millrace', 'des')).toEqual(['describe'])
})

test('bash completes the commands of a command', async () => {
  expect(await completions('millrace', 'topics', 'p')).toEqual(['plan'])
})

test('bash completes the options of a command behind its arguments', async () => {
  expect(await completions('millrace', 'topics', 'apply', './module.ts', '--del')).toEqual(['--delete'])
})
