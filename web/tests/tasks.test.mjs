// The twelve tasks, each in three ways, in a real browser. Each file of tasks/ is a part of it, and runs alone too: node --test <file>.
import { folder } from './harness/folder.mjs'

await folder('tasks')
