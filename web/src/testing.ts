// What tests of components share.
import { configure } from '@testing-library/react'

// Drawing antd's dialogs for the first time takes seconds on a busy machine, and one that others use too stands still at times.
configure({ asyncUtilTimeout: 30_000 })
