// What the browser tests themselves stand on.
import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { unpacked } from './harness/chromium86.mjs'

test('the browser of 2020 is unpacked whole, however many ask for it at once', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'duban-chromium-'))
  try {
    const programs = await Promise.all([unpacked(folder), unpacked(folder), unpacked(folder)])
    assert.deepEqual(new Set(programs), new Set([path.join(folder, 'chromium')]))
    assert.deepEqual(await readdir(folder), ['chromium'])
    const { mode, size } = await stat(programs[0])
    assert.ok(mode & 0o100, 'it cannot be executed')
    assert.ok(size > 50e6, `${size} bytes are not a browser`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
