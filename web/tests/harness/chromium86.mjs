// The Chromium of 2020 that government desktops still run: unpacked once from its npm package, then kept.
import { createReadStream, createWriteStream } from 'node:fs'
import { access, chmod, mkdir, rename } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { createBrotliDecompress } from 'node:zlib'

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))

/** The path of its executable. */
export async function chromium86() {
  const folder = path.join(modules, '.cache', 'chromium-86')
  const program = path.join(folder, 'chromium')
  try {
    await access(program)
    return program
  } catch {
    // Not unpacked yet.
  }
  await mkdir(folder, { recursive: true })
  const fresh = `${program}.${process.pid}` // whoever is first to rename it is as good as the others
  await pipeline(createReadStream(path.join(modules, 'chrome-aws-lambda', 'bin', 'chromium.br')), createBrotliDecompress(), createWriteStream(fresh))
  await chmod(fresh, 0o755)
  await rename(fresh, program)
  return program
}
