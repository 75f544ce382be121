import { Problem } from '../lib/problem.ts'

/** Where a project stands. `approved` and `rejected` speak of a monitoring period; a next one opens evidence again. */
export const projectStates = [
  'draft',
  'registered',
  'evidence_collection',
  'analysed',
  'in_review',
  'more_evidence',
  'approved',
  'rejected',
  'withdrawn',
] as const
export type ProjectState = (typeof projectStates)[number]

/** `system` is the analysis itself: no person moves a project to where a measurement would. */
export type Mover = 'system' | 'projects.manage' | 'projects.review'

export interface Transition {
  move: string
  from: readonly ProjectState[]
  to: ProjectState
  /** The permission of who may do it, or `system`. */
  needs: Mover
  /** What must be there first, checked by the service. */
  requires: readonly ('polygon' | 'before_and_after' | 'analysis' | 'reason' | 'decision')[]
}

/** Every move there is. What is not here does not happen. */
export const transitions = [
  { move: 'register', from: ['draft'], to: 'registered', needs: 'projects.manage', requires: ['polygon'] },
  {
    move: 'collect_evidence',
    from: ['registered', 'more_evidence', 'analysed', 'approved', 'rejected'],
    to: 'evidence_collection',
    needs: 'projects.manage',
    requires: [],
  },
  {
    move: 'analyse',
    from: ['evidence_collection', 'more_evidence', 'analysed'],
    to: 'analysed',
    needs: 'system',
    requires: ['before_and_after', 'analysis'],
  },
  { move: 'submit', from: ['analysed'], to: 'in_review', needs: 'projects.manage', requires: ['analysis'] },
  { move: 'take_up', from: ['analysed'], to: 'in_review', needs: 'projects.review', requires: ['analysis'] },
  {
    move: 'request_more',
    from: ['analysed', 'in_review'],
    to: 'more_evidence',
    needs: 'projects.review',
    requires: ['reason'],
  },
  {
    move: 'approve',
    from: ['in_review'],
    to: 'approved',
    needs: 'projects.review',
    requires: ['analysis', 'decision'],
  },
  { move: 'reject', from: ['in_review'], to: 'rejected', needs: 'projects.review', requires: ['reason', 'decision'] },
  {
    move: 'withdraw',
    from: ['draft', 'registered', 'evidence_collection', 'analysed', 'more_evidence'],
    to: 'withdrawn',
    needs: 'projects.manage',
    requires: ['reason'],
  },
] as const satisfies readonly Transition[]

export type ProjectMove = (typeof transitions)[number]['move']
export const projectMoves = transitions.map(({ move }) => move) as [ProjectMove, ...ProjectMove[]]

/** The moves that lead on from a state, for whoever holds the permissions. */
export function movesFrom(state: ProjectState, holds: (permission: string) => boolean): ProjectMove[] {
  return transitions
    .filter((each: Transition) => each.from.includes(state) && each.needs !== 'system' && holds(each.needs))
    .map(({ move }) => move)
}

/**
 * Where a move leads.
 * @param by whether the mover holds a permission; `system` stands for the analysis.
 * @throws Problem `projects/wrong-move` with the moves that are possible from here, and who may make this one.
 */
export function moveProject(state: ProjectState, move: ProjectMove, by: 'system' | ((permission: string) => boolean)) {
  const found: Transition | undefined = transitions.find((each) => each.move === move)
  const permitted =
    found !== undefined && (found.needs === 'system' ? by === 'system' : by !== 'system' && by(found.needs))
  if (found === undefined || !permitted || !found.from.includes(state)) {
    throw new Problem('projects/wrong-move', {
      detail: `A project that is ${state} is not moved by "${move}" by this caller.`,
      state,
      move,
      ...(found === undefined ? {} : { possible_from: found.from, needs: found.needs }),
      possible_moves: by === 'system' ? [] : movesFrom(state, by),
    })
  }
  return found.to
}
