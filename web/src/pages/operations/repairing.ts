import { useSession } from '../../session'

/** Whether one may repair, and not only see. */
export function useMayRepair(): boolean {
  return useSession().me.roles.includes('administrator')
}
