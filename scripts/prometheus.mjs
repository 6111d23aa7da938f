// @ts-check
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findOnPath } from './lab/java.mjs'
import { startServer, waitUntilReady } from './lab/processes.mjs'

/** Why Prometheus cannot run here; undefined when it can. */
export function prometheusUnavailable() {
  return findOnPath('prometheus') && findOnPath('promtool') ? undefined : 'prometheus and promtool were not found'
}

/**
 * Runs promtool; `output` is all that it wrote.
 * @param {readonly string[]} args
 * @param {string} input
 */
export function promtool(args, input = '') {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8', timeout: 60_000, input })
  return { status, output: `${stdout}${stderr}` }
}

/**
 * Starts a Prometheus that scrapes the targets each second, with the token if there is one, and evaluates the rules;
 * resolves to its process id.
 * @param {{ port: number, targets: readonly string[], labels?: Readonly<Record<string, string>>, token?: string, ruleFiles: readonly string[], folder: string }} options
 */
export async function startPrometheus({ port, targets, labels = {}, token, ruleFiles, folder }) {
  const configuration = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: ruleFiles,
    scrape_configs: [
      {
        job_name: 'millrace',
        static_configs: [{ targets, labels }],
        ...(token === undefined ? {} : { authorization: { credentials: token } }),
      },
    ],
  }
  const file = join(folder, 'prometheus.yml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(configuration))
  const logFile = join(folder, 'prometheus.log')
  const pid = startServer({
    program: 'prometheus',
    args: [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'prometheus-data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    logFile,
    cwd: folder,
  })
  await waitUntilReady({
    name: 'Prometheus',
    pid,
    logFile,
    timeoutMs: 30_000,
    ready: () =>
      fetch(`http://127.0.0.1:${port}/-/ready`)
        .then(({ ok }) => ok)
        .catch(() => false),
  })
  return pid
}
