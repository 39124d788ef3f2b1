// One program and one browser for all tests of a run, opened when the first of them asks and closed after the last.
import { after } from 'node:test'
import { openBrowser } from './browser.mjs'
import { Caller } from './caller.mjs'
import { openSite } from './site.mjs'

let opening
const browsers = new Map()
const callers = new Map()

/** The program under test. */
export const site = () => (opening ??= openSite())

async function browser(old) {
  if (!browsers.has(old)) browsers.set(old, openBrowser(await site(), { old }))
  return browsers.get(old)
}

/** A person without a screen, to prepare things. */
export async function caller(login) {
  if (!callers.has(login)) callers.set(login, new Caller(await site()).logIn(login))
  return callers.get(login)
}

/** A person at a screen of the program: `{viewport, keyboard, old}`. */
export async function visit({ old = false, ...options } = {}) {
  return (await browser(old)).visit(options)
}

/** A person who is logged in. */
export const person = async (login, options) => (await visit(options)).logIn(login)

after(async () => {
  for (const one of browsers.values()) await (await one).close()
  await (await opening)?.close()
})
