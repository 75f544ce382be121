/**
 * The organisation that is there before anybody has an account: the demo company belongs to it, and so does whatever was
 * stored before organisations existed. Its id is written in a migration as well, and never changes.
 */
export const DEMO_ORGANISATION_ID = 'org_00000000000000000000000000'
