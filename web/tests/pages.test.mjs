// What each page shows and does, in a real browser. Each file of pages/ is a part of it, and runs alone too: node --test <file>.
import { folder } from './harness/folder.mjs'

await folder('pages')
