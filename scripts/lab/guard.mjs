// @ts-check
import { spawn } from 'node:child_process'

/**
 * Ends servers when this process ends, whatever ended it: a shell that reads process ids from a pipe and kills those
 * that are still listed when the pipe closes. (`process.on('exit')` is not heard inside a test runner's sandbox.)
 */
const script = `
pids=' '
folders=''
while read -r what name; do
  case $what in
    watch) pids="$pids$name " ;;
    forget) pids=$(printf '%s' "$pids" | sed "s/ $name / /") ;;
    folder) folders="$folders $name" ;;
  esac
done
for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
for folder in $folders; do rm -rf "$folder"; done
`

/** @type {import('node:child_process').ChildProcessByStdio<import('node:stream').Writable, null, null> | undefined} */
let guard

/** @param {string} line */
function send(line) {
  if (!guard) {
    guard = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
    guard.unref()
    const pipe = /** @type {import('node:net').Socket} */ (guard.stdin)
    pipe.unref()
  }
  guard.stdin.write(`${line}\n`)
}

/** @param {number} pid */
export function guardProcess(pid) {
  send(`watch ${pid}`)
}

/** @param {number} pid */
export function releaseProcess(pid) {
  send(`forget ${pid}`)
}

/**
 * A temporary folder that goes when this process ends.
 * @param {string} folder
 */
export function guardFolder(folder) {
  send(`folder ${folder}`)
}
