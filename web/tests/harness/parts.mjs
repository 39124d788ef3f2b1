// The platform in processes of its own on a data folder, so that one of them can be taken away: PostgreSQL and Temporal,
// the API, and a worker; and a worker built with a changed workflow.
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, readdir, readlink, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const READY = 180_000 // milliseconds a part may take to start, the changed worker's compilation included
const root = fileURLToPath(new URL('../../..', import.meta.url))

export async function openParts(settings) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'duban-parts-'))
  await chmod(folder, 0o755) // PostgreSQL's own account passes through it
  const parts = new Parts(folder, settings)
  try {
    await parts.start('backend', [parts.program, 'backend'], /127\.0\.0\.1:\d+/)
    parts.url = (await parts.start('api', [parts.program, 'api'], /https?:\/\/127\.0\.0\.1:\d+/))[0]
    await parts.start('worker', [parts.program, 'worker'])
    parts.password = (await readFile(path.join(folder, 'data', 'sample-password'), 'utf8')).trim()
    return parts
  } catch (error) {
    await parts.close()
    throw error
  }
}

class Parts {
  program = process.env.DUBAN_TEST_PROGRAM ?? path.join(root, 'bin/duban')
  #folder
  #settings
  #stops = new Map()

  constructor(folder, settings) {
    this.#folder = folder
    this.#settings = settings
  }

  /** Starts a part and waits until it says something that matches; without that, for nothing. */
  start(name, [command, ...args], ready) {
    const child = spawn(command, args, {
      cwd: root,
      detached: command === 'go', // what go run runs is stopped with it
      env: {
        ...process.env, DUBAN_DATA: path.join(this.#folder, 'data'), DUBAN_SAMPLE: 'true', DUBAN_LISTEN: '127.0.0.1:0', DUBAN_POSTGRES_PORT: '0',
        DUBAN_TEMPORAL_PORT: '0', ...this.#settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const ended = new Promise((resolve) => child.once('exit', resolve).once('error', resolve))
    this.#stops.set(name, async () => {
      if (child.exitCode === null) process.kill(command === 'go' ? -child.pid : child.pid, 'SIGINT')
      await ended
    })
    return new Promise((resolve, reject) => {
      let said = ''
      const fail = (why) => {
        clearTimeout(timer)
        reject(new Error(`${name}: ${why}\n${said}`))
      }
      const timer = setTimeout(() => fail('it is not ready in time'), READY)
      const listen = (chunk) => {
        said += chunk
        const found = ready?.exec(said)
        if (!found) return
        clearTimeout(timer)
        resolve(found)
      }
      child.stdout.setEncoding('utf8').on('data', listen)
      child.stderr.setEncoding('utf8').on('data', (chunk) => (said += chunk))
      child.once('error', (error) => fail(error.message))
      child.once('exit', (code) => fail(`it ended with ${code}`))
      if (!ready) {
        clearTimeout(timer)
        resolve(undefined)
      }
    })
  }

  /** Starts the worker of a changed program. */
  async change() {
    await this.start('changed', ['go', 'run', './internal/faults/changed', path.join(this.#folder, 'data'), 'duban'], /changed/)
  }

  /** Opens a vote on a matter, or ends it. */
  async vote(what, matter) {
    await this.start(`vote ${what}`, ['go', 'run', './internal/faults/vote', what, path.join(this.#folder, 'data'), matter], /done/)
  }

  /** Stops every process of PostgreSQL where it stands, as on a machine whose disk hangs; what it gives lets them go on. */
  async freeze() {
    const cluster = path.join(this.#folder, 'data/postgres/cluster') // the working folder of all of them
    const all = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
    const where = await Promise.all(all.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => ''))) // others may not be looked at
    const pids = all.filter((_, i) => where[i] === cluster).map(Number)
    if (pids.length === 0) throw new Error('no PostgreSQL runs on the data folder')
    const every = (signal) => {
      for (const pid of pids) {
        try {
          process.kill(pid, signal)
        } catch (error) {
          if (error.code !== 'ESRCH') throw error // one has ended meanwhile
        }
      }
    }
    every('SIGSTOP')
    return () => every('SIGCONT')
  }

  async stop(name) {
    await this.#stops.get(name)?.()
    this.#stops.delete(name)
  }

  async close() {
    for (const name of ['changed', 'worker', 'api', 'backend']) await this.stop(name)
    await rm(this.#folder, { recursive: true, force: true })
  }
}
