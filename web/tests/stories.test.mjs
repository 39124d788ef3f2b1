// Whole stories, in a real browser. Each file of stories/ is a part of it, and runs alone too: node --test <file>.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { folder } from './harness/folder.mjs'
import { unseen } from './harness/looked.mjs'

await folder('stories')

test('every page of votes has been looked at', async () => {
  assert.deepEqual((await unseen()).filter((path) => path.startsWith('/polls')), [])
})
