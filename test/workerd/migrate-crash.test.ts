import { d1 } from 'cinnabar/d1';
import { env } from 'cloudflare:workers';
import { vi } from 'vitest';
import { crashCases } from '../migrate/faults/crash-cases.ts';

vi.setConfig({ testTimeout: 1_800_000 });

crashCases(() => d1(env.DB), env.MIGRATIONS);
