import { RULE_CODES } from './check-plan';
import { SCHEMA_CODES } from './spec-issues';

/** Every code that an issue can have. Each has a fixture of its name in __tests__/fixtures/invalid; a retired one is not used again. */
export const ISSUE_CODES: readonly string[] = [...SCHEMA_CODES, ...RULE_CODES];
