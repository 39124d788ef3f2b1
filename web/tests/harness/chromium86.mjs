// The Chromium of 2020 that government desktops still run: unpacked once from its npm package, then kept.
import { createReadStream, createWriteStream } from 'node:fs'
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { createBrotliDecompress } from 'node:zlib'

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))

let kept

/** The path of its executable. */
export function chromium86() {
  kept ??= unpacked(path.join(modules, '.cache', 'chromium-86'))
  return kept
}

/** The path of the executable in a folder, put there whole: however many ask at once, in however many processes, none sees half of it. */
export async function unpacked(folder) {
  const program = path.join(folder, 'chromium')
  try {
    await access(program)
    return program
  } catch {
    // Not unpacked yet.
  }
  await mkdir(folder, { recursive: true })
  const own = await mkdtemp(path.join(folder, 'unpacking-')) // whoever is first to rename theirs is as good as the others
  try {
    const fresh = path.join(own, 'chromium')
    const packed = createReadStream(path.join(modules, 'chrome-aws-lambda', 'bin', 'chromium.br'))
    await pipeline(packed, createBrotliDecompress(), createWriteStream(fresh, { mode: 0o755 }))
    await rename(fresh, program)
  } finally {
    await rm(own, { recursive: true, force: true })
  }
  return program
}
