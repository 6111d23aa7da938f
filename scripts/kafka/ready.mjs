// @ts-check
import { readFileSync } from 'node:fs'
import { waitUntilReady } from '../lab/processes.mjs'

/**
 * @param {number} pid
 * @param {string} logFile
 * @param {number} node
 */
export async function waitForBroker(pid, logFile, node) {
  await waitUntilReady({
    name: `Kafka node ${node}`,
    pid,
    logFile,
    timeoutMs: 60_000,
    ready: () => readFileSync(logFile, 'utf8').includes('Kafka Server started'),
  })
}
