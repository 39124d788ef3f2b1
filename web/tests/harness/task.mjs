// The twelve things people do all day. Each is one script: with the mouse in today's browser, where axe looks at every page
// on the way; by keyboard alone in it; and with the mouse in the browser of 2020. Every file of the folder tasks/ is one of
//   log in · approve · return with a reason · transfer · ask for an extension · sign for a slip · register a document ·
//   submit a proposal with attachments · filter and export a ledger · explain a date · change a rule · repair a stuck matter
import { test } from 'node:test'
import { visit } from './suite.mjs'

const WAYS = {
  'with the mouse': {},
  'by keyboard alone': { keyboard: true },
  'in Chromium 86': { old: true },
}

/**
 * Declares a task: `prepare()` sets the scene over the API, `perform(person, scene)` does it. The person is logged in as
 * `as`, or stands before the door where no login is given.
 */
export function task(title, { as, prepare = async () => undefined, perform }) {
  for (const [way, options] of Object.entries(WAYS)) {
    test(`${title}, ${way}`, async () => {
      const scene = await prepare()
      const person = await visit(options)
      if (as) await person.logIn(as)
      await perform(person, scene)
      await person.leave()
    })
  }
}
