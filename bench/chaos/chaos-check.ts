import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { installKafka } from '../../scripts/kafka/install.mjs'
import { packageRoot } from '../../scripts/lab/folders.mjs'
import type { TopicVerdict } from '../topic-verdict.ts'

/**
 * Runs the checker, a Java program on the official client that shares no code with us. `say` gets what it says about
 * single records. Throws where it cannot run.
 */
export async function checkOutputs(bootstrap: string, say: (line: string) => void): Promise<readonly TopicVerdict[]> {
  const { java, classPath } = await installKafka()
  const program = join(packageRoot(), 'bench', 'chaos', 'checker', 'Check.java')
  const { stdout, stderr, status } = await run(java, ['-cp', classPath, program, bootstrap])
  if (status !== 0 && status !== 1) throw new Error(`the checker ended with ${status}: ${stderr.slice(-2000)}`)
  for (const line of stderr.split('\n')) if (/^(doubled|lost) in /.test(line)) say(line)
  const verdicts = stdout
    .trim()
    .split('\n')
    .filter((line) => /^[a-z]+( \d+){5}$/.test(line))
    .map((line) => {
      const [topic = '', ...numbers] = line.split(' ')
      const [expected = 0, found = 0, lost = 0, doubled = 0, wrong = 0] = numbers.map(Number)
      return { topic, expected, found, lost, doubled, wrong }
    })
  if (verdicts.length !== 5) throw new Error(`the checker said: ${stdout} ${stderr.slice(-2000)}`)
  return verdicts
}

/** The proxies of the brokers are in this process: it must not wait synchronously. */
function run(program: string, args: readonly string[]): Promise<{ stdout: string; stderr: string; status: unknown }> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 600_000, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      resolve({ stdout, stderr, status: error === null ? 0 : error.code })
    })
  })
}
