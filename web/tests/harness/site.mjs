// The program under test: the one at BASE_URL, or one started here on a data folder of its own.
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const READY = 120_000 // milliseconds a first start may take

/**
 * A site: `url`, `password`, `close()`, and `restart()` on the same data and address. BASE_URL and DUBAN_TEST_PASSWORD name
 * a running program with the demonstration's posts, which is not restarted; without them DUBAN_TEST_PROGRAM (bin/duban by
 * default) is started with invented persons, and with the settings given.
 */
export async function openSite(settings) {
  if (process.env.BASE_URL) {
    return { url: process.env.BASE_URL.replace(/\/$/, ''), password: process.env.DUBAN_TEST_PASSWORD, close: async () => {} }
  }
  const folder = await mkdtemp(path.join(os.tmpdir(), 'duban-web-'))
  await chmod(folder, 0o755) // PostgreSQL's own account passes through it
  const site = new Site(folder, settings)
  try {
    await site.start('127.0.0.1:0')
    site.password = (await readFile(path.join(folder, 'data', 'sample-password'), 'utf8')).trim()
    return site
  } catch (error) {
    await site.close()
    throw error
  }
}

class Site {
  #folder
  #settings
  #stop = async () => {}
  #child
  #said = ''

  constructor(folder, settings) {
    this.#folder = folder
    this.#settings = settings
  }

  async start(listen) {
    const program = process.env.DUBAN_TEST_PROGRAM ?? fileURLToPath(new URL('../../../bin/duban', import.meta.url))
    const child = spawn(program, ['up', '--sample'], {
      env: { ...process.env, DUBAN_DATA: path.join(this.#folder, 'data'), DUBAN_LISTEN: listen, DUBAN_POSTGRES_PORT: '0', DUBAN_TEMPORAL_PORT: '0', ...this.#settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    child.stdout.setEncoding('utf8').on('data', (chunk) => (this.#said += chunk))
    const ended = new Promise((resolve) => child.once('exit', resolve).once('error', resolve))
    this.#stop = async () => {
      child.kill('SIGINT')
      await ended
    }
    this.url = await address(child)
  }

  /** Waits until the program has said a text. */
  says(text) {
    return new Promise((resolve) => {
      const look = () => this.#said.includes(text) && resolve()
      this.#child.stdout.on('data', look)
      look()
    })
  }

  /** Interrupts the program as Ctrl-C does, and starts it again. */
  async restart() {
    await this.#stop()
    await this.start(new URL(this.url).host)
  }

  async close() {
    await this.#stop()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** The address the program says it serves. */
function address(child) {
  return new Promise((resolve, reject) => {
    let said = ''
    const fail = (why) => {
      clearTimeout(timer)
      reject(new Error(`${why}\n${said}`))
    }
    const timer = setTimeout(() => fail('the program is not ready in time'), READY)
    const listen = (chunk) => {
      said += chunk
      const found = /https?:\/\/127\.0\.0\.1:\d+/.exec(said)
      if (!found) return
      clearTimeout(timer)
      resolve(found[0])
    }
    child.stdout.setEncoding('utf8').on('data', listen)
    child.stderr.setEncoding('utf8').on('data', (chunk) => (said += chunk))
    child.once('error', (error) => fail(error.message))
    child.once('exit', (code) => fail(`the program ended with ${code}`))
  })
}
