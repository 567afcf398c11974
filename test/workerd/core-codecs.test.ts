import { d1 } from 'cinnabar/d1';
import { env } from 'cloudflare:workers';
import { describe } from 'vitest';
import { codecCases } from '../property/codec-cases.ts';

describe('d1', () => codecCases(() => d1(env.DB), 25));
