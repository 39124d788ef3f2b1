// Whole stories, in a real browser. Each file of stories/ is a part of it, and runs alone too: node --test <file>.
import { folder } from './harness/folder.mjs'

await folder('stories')
