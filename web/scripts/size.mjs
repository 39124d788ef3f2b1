// What a browser loads first, and what a route adds to it, gzipped: refuses a build that has grown past its limits.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const FIRST_KB = 450
const ROUTE_KB = 120
const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))
const size = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length / 1024

const chunks = (key, seen = new Set()) => {
  if (!seen.has(key)) {
    seen.add(key)
    for (const next of manifest[key].imports ?? []) chunks(next, seen)
  }
  return seen
}
const sum = (keys) => [...keys].reduce((kb, key) => kb + size(manifest[key].file), 0)

const first = chunks('index.html')
let ok = true
const report = (name, kb, limit) => {
  const good = kb <= limit
  ok &&= good
  console.log(`${good ? 'ok ' : 'TOO BIG'} ${kb.toFixed(1).padStart(7)} KB of ${limit} KB  ${name}`)
}
// Whoever is logged in needs the frame and one page as well.
const dynamic = Object.keys(manifest).filter((key) => manifest[key].isDynamicEntry)
report('first load', sum(first), FIRST_KB)
for (const key of dynamic) report(key, sum([...chunks(key)].filter((k) => !first.has(k))), ROUTE_KB)
process.exit(ok ? 0 : 1)
