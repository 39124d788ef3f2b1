// The tests of a folder, in one process with one program and one browser.
import { readdir } from 'node:fs/promises'

/** Declares every test of a folder of tests/, in the order of its files. */
export async function folder(name) {
  const here = new URL(`../${name}/`, import.meta.url)
  for (const file of (await readdir(here)).sort()) if (file.endsWith('.mjs')) await import(new URL(file, here))
}
