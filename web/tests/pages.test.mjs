// What each page shows and does, in a real browser. Each file of pages/ is a part of it, and runs alone too: node --test <file>.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { folder } from './harness/folder.mjs'
import { unseen } from './harness/looked.mjs'

await folder('pages')

test('every page of the application has been looked at, but for those of votes, which the stories look at', async () => {
  assert.deepEqual(await unseen(), ['/polls', '/polls/:poll', '/polls/:poll/anomalies'])
})
