// Everything shown in a real browser. Each file of the folders is a part of it, and runs alone too: node --test <file>.
import { readdir } from 'node:fs/promises'

for (const folder of ['pages', 'stories', 'tasks']) {
  const here = new URL(`${folder}/`, import.meta.url)
  for (const file of (await readdir(here)).sort()) if (file.endsWith('.mjs')) await import(new URL(file, here))
}
