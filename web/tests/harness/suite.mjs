// One program and one browser for all tests of a run, opened when the first of them asks and closed after the last.
import { after } from 'node:test'
import { openBrowser } from './browser.mjs'
import { openSite } from './site.mjs'

let opened
const browsers = new Map()

/** The program under test; after the first visit of a run. */
export const site = () => opened

async function browser(old) {
  opened ??= await openSite()
  if (!browsers.has(old)) browsers.set(old, await openBrowser(opened, { old }))
  return browsers.get(old)
}

/** A person at a screen of the program: `{viewport, keyboard, old}`. */
export async function visit({ old = false, ...options } = {}) {
  return (await browser(old)).visit(options)
}

/** A person who is logged in. */
export const person = async (login, options) => (await visit(options)).logIn(login)

after(async () => {
  for (const one of browsers.values()) await one.close()
  await opened?.close()
})
